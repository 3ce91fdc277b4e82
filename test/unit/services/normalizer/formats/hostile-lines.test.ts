import { describe, expect, it } from 'vitest'
import { formats } from '../../../../../services/normalizer/formats/registry.ts'
import { normalize } from '../../../../support/normalize.ts'

/** Short enough to be looked at as a line that goes on. */
const size = 200_000
const starts: Readonly<Record<string, readonly string[]>> = {
  syslog: ['<14>', '<14>1 - - - - - ', '<14>1 - - - - - [a x="', '<14>Nov 14 22:13:20 ', '9 <14>'],
  'access-log': [
    '1.1.1.1 - - [14/Nov/2023:22:13:20 +0000] "',
    '1.1.1.1 - - [14/Nov/2023:22:13:20 +0000] "GET /" 200 1 ',
  ],
  logfmt: ['level=info msg=', 'level=info msg="'],
  cri: ['2023-11-14T22:13:20Z stdout F ', '2023-11-14T22:13:20Z stdout P '],
  text: [
    '',
    '[',
    'ERROR ',
    'panic: x\n',
    '/a:1\n',
    'Traceback (most recent call last):\n',
    '2023-11-14 22:13:20 ',
  ],
  'json-logs': ['{"level":30,"msg":"', '{"level":30,"msg":'],
  'docker-json': ['{"stream":"stdout","log":"'],
  'ecs-json': ['{"message":"', '{"message":'],
}
const fillings = [
  '(',
  ')',
  '[',
  ']',
  '"',
  '\\',
  '\\"',
  ' ',
  '\0',
  '\r',
  ':',
  ':1',
  '/',
  '-',
  '1',
  'a',
  'A',
  'x=',
  'x ',
  '\n',
  '{"',
  '<',
  ' a="b"',
  '|',
  '.',
]

describe('a line that repeats one thing two hundred thousand times', () => {
  it.each(Object.keys(starts))(
    'is read or refused by %s in no time',
    (name) => {
      expect(formats.map((format) => format.name)).toContain(name)
      for (const start of starts[name]!) {
        for (const filling of fillings) {
          const text = `${start}${filling.repeat(size / filling.length)}x`
          const before = process.cpuUsage()
          const { task, out } = normalize([text], { settings: { formats: { raw: name } } })
          for (const { act } of task.quiet) act(out)
          const { user } = process.cpuUsage(before)
          expect(user, `${JSON.stringify(start + filling)} takes too long`).toBeLessThan(2_500_000)
          expect(out.sent.length + out.rejected.length).toBeGreaterThan(0)
        }
      }
    },
    120_000,
  )
})

import { describe, expect, it } from 'vitest'
import { formats } from '../../../../../services/normalizer/formats/registry.ts'
import { Payload } from '../../../../../services/normalizer/payload.ts'

/** A typical beginning of each log format. The order of the registry decides where several would do. */
const samples: readonly (readonly [format: string, bytes: string])[] = [
  [
    'ecs-json',
    '{"@timestamp":"2023-11-14T22:13:20Z","message":"x","agent":{"type":"filebeat"},"log":{"level":"info"}}',
  ],
  [
    'ecs-json',
    '{"@timestamp":"2023-11-14T22:13:20Z","log.level":"info","message":"x","ecs.version":"8.11.0"}',
  ],
  ['json-logs', '{"level":30,"time":1700000000000,"pid":1,"hostname":"h","msg":"x"}'],
  ['json-logs', '{"@timestamp":"2023-11-14T22:13:20Z","@version":"1","message":"x","host":"h"}'],
  [
    'json-logs',
    '{"level":"info","ts":1700000000.1,"caller":"a.go:1","msg":"x"}\n{"level":"info","ts":1,"msg":"y"}',
  ],
  ['docker-json', '{"log":"x\\n","stream":"stdout","time":"2023-11-14T22:13:20Z"}'],
  ['cri', '2023-11-14T22:13:20.123456789Z stdout F a=b c=d'],
  ['cri', '2023-11-14T22:13:20.123456789+01:00 stderr P x'],
  ['syslog', '<34>1 2003-10-11T22:14:15.003Z h su - ID47 [a b="c"] x=1 y'],
  ['syslog', '<34>Oct 11 22:14:15 h su: x=1 y'],
  ['syslog', '83 <34>1 2003-10-11T22:14:15.003Z h su - ID47 [a b="c"] x=1 y'],
  ['syslog', 'Oct 11 22:14:15 h kernel: x=1 y'],
  ['access-log', '127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.0" 200 2326'],
  ['access-log', 'shop:443 ::1 - a [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 5 "-" "x=1 y"'],
  ['logfmt', 'time=2023-11-14T22:13:20Z level=info msg="x y" a=b'],
  ['logfmt', 'level=info ts=2023-11-14T22:13:20Z caller=a.go:1 msg=x'],
]

describe('the bytes of a log format', () => {
  it.each(samples)('are recognized as %s: %s', (name, bytes) => {
    expect(formats.find((one) => one.recognizes(new Payload(Buffer.from(bytes), {})))?.name).toBe(name)
  })

  it.each(['cpu,host=a usage=1 1700000000000000000', 'level=info', 'a=1 b=2', '2023 <a>', '<b>', '[x] "'])(
    'are not seen in %s',
    (bytes) => {
      const logs = formats.filter(({ name }) => samples.some(([one]) => one === name))
      expect(logs.filter((one) => one.recognizes(new Payload(Buffer.from(bytes), {})))).toEqual([])
    },
  )
})

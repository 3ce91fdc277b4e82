import { describe, expect, it } from 'vitest'
import { createLogger } from '../../../shared/observability/logger.ts'

function capture(level?: string) {
  const lines: string[] = []
  const log = createLogger('aggregator', level, { write: (line) => void lines.push(line) })
  return { log, lines }
}

describe('createLogger', () => {
  it('writes one JSON object a line, with service, level in words and ISO time', () => {
    const { log, lines } = capture()
    log.info({ topic: 'points' }, 'started')
    expect(lines).toHaveLength(1)
    const [line = ''] = lines
    expect(line.endsWith('\n')).toBe(true)
    const { time, ...rest } = JSON.parse(line)
    expect(rest).toEqual({ level: 'info', service: 'aggregator', topic: 'points', msg: 'started' })
    expect(new Date(time).toISOString()).toBe(time)
  })

  it('writes info and worse by default', () => {
    const { log, lines } = capture()
    log.debug('no')
    log.warn('yes')
    expect(lines).toHaveLength(1)
  })

  it.each([
    ['error', 1],
    ['debug', 3],
    ['silent', 0],
  ])('writes by level %s %i of three lines', (level, count) => {
    const { log, lines } = capture(level)
    log.debug('a')
    log.warn('b')
    log.error('c')
    expect(lines).toHaveLength(count)
  })

  it('writes errors with their message and stack', () => {
    const { log, lines } = capture()
    log.error({ err: new TypeError('broken') }, 'failed')
    expect(JSON.parse(lines[0] ?? '{}').err).toMatchObject({
      type: 'TypeError',
      message: 'broken',
      stack: expect.stringContaining('logger.test.ts'),
    })
  })
})

import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HostAgent } from '../../../examples/host-agent/agent.ts'
import { toLine } from '../../../examples/host-agent/collector.ts'
import { beginsEvent, logEvent } from '../../../examples/host-agent/log-events.ts'
import { LogShipper } from '../../../examples/host-agent/log-shipper.ts'
import { createLogger } from '../../../shared/observability/logger.ts'

const now = new Date('2026-01-02T03:04:05.678Z')
const source = { service: 's', path: '/x.log', host: 'h' }
const eventOf = (text: string) => logEvent([{ text, offset: 7 }], source, now)

describe('log events', () => {
  it.each([
    ['[2026-11-24T04:03:29,371Z][INFO ][o.e.n.Node] [vm] started', '2026-11-24T04:03:29.371Z', 'info'],
    ['ts=2026-11-24T04:03:29.371Z lvl=warn msg="x"', '2026-11-24T04:03:29.371Z', 'warn'],
    ['2026-11-24 04:03:20+00:00 ERROR <_> [io.quarkus] (main) x', '2026-11-24T04:03:20.000Z', 'error'],
    ['no time at all', now.toISOString(), undefined],
  ])('are read from %s', (text, time, level) => {
    const event = eventOf(text)
    expect({ time: event['@timestamp'], level: event.log.level, message: event.message }).toEqual({
      time,
      level,
      message: text,
    })
  })

  it('are read from JSON lines', () => {
    const event = eventOf(
      '{"level":"warn","time":"2026-11-24T05:13:47.369Z","service":"normalizer","msg":"stopping"}',
    )
    expect(event).toMatchObject({
      '@timestamp': '2026-11-24T05:13:47.369Z',
      message: 'stopping',
      log: { level: 'warn', offset: 7 },
    })
    expect(eventOf('{"broken": }').message).toBe('{"broken": }')
  })

  it('begin with a timestamp', () => {
    expect(['2026-11-24 04:03:20,1 x', '\tat java.lang.Thread', 'Caused by: x'].map(beginsEvent)).toEqual([
      true,
      false,
      false,
    ])
  })
})

describe('a followed log file', () => {
  let directory: string
  let path: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tidemark-log-'))
    path = join(directory, 'x.log')
  })
  afterEach(() => rm(directory, { recursive: true }))
  const messages = async (shipper: LogShipper) => (await shipper.events(now)).map(({ message }) => message)

  it('has its stack traces put together, and its last event once nothing follows', async () => {
    const shipper = new LogShipper({ ...source, path })
    expect(await messages(shipper)).toEqual([])
    await writeFile(path, '2026-01-01 00:00:00 ERROR one\n\tat a\n\tat b\n2026-01-01 00:00:01 INFO tw')
    expect(await messages(shipper)).toEqual([])
    await appendFile(path, 'o\n')
    expect(await messages(shipper)).toEqual(['2026-01-01 00:00:00 ERROR one\n\tat a\n\tat b'])
    expect(await messages(shipper)).toEqual(['2026-01-01 00:00:01 INFO two'])
    expect(await messages(shipper)).toEqual([])
  })

  it('is read from its beginning after it was rotated or truncated', async () => {
    const shipper = new LogShipper({ ...source, path })
    const all = async () => [...(await messages(shipper)), ...(await messages(shipper))]
    await writeFile(path, '2026-01-01 00:00:00 INFO first\n')
    expect(await all()).toEqual(['2026-01-01 00:00:00 INFO first'])
    await rename(path, `${path}.1`)
    await writeFile(path, '2026-01-01 00:00:01 INFO second and longer than the first\n')
    expect(await all()).toEqual(['2026-01-01 00:00:01 INFO second and longer than the first'])
    await writeFile(path, '2026-01-01 00:00:02 INFO third\n')
    expect(await all()).toEqual(['2026-01-01 00:00:02 INFO third'])
  })
})

describe('the agent', () => {
  it('writes lines as Telegraf does, and nothing of what was not measured', () => {
    const line = toLine(
      {
        name: 'disk',
        tags: { path: '/a b', fstype: '' },
        fields: { used: { integer: 5 }, percent: 1.5, none: undefined, nan: Number.NaN },
      },
      'h',
      1_700_000_000_000,
    )
    expect(line).toBe('disk,host=h,path=/a\\ b used=5i,percent=1.5 1700000000000000000')
    expect(toLine({ name: 'x', tags: {}, fields: { none: null } }, 'h', 1)).toBeUndefined()
  })

  it('goes on when something can’t be read, and reads what costs more less often', async () => {
    const published: string[] = []
    let reads = 0
    const agent = new HostAgent({
      host: 'h',
      log: createLogger('test', 'silent'),
      logs: [],
      publish: async (_, values) => void published.push(...values),
      collectors: [
        { name: 'broken', collect: async () => Promise.reject(new Error('no such file')) },
        { name: 'often', collect: async () => [{ name: 'often', tags: {}, fields: { n: 1 } }] },
        {
          name: 'seldom',
          everySeconds: 10,
          collect: async () => [{ name: 'seldom', tags: {}, fields: { n: ++reads } }],
        },
      ],
    })
    for (const seconds of [0, 5, 10]) await agent.round(new Date(now.getTime() + seconds * 1_000))
    expect(published.map((line) => line.split(',')[0])).toEqual([
      'often',
      'seldom',
      'often',
      'often',
      'seldom',
    ])
  })
})

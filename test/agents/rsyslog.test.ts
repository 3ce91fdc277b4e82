import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../stack/ports.ts'
import { debian, debianEnvironment, startAgent, stopAgents, withoutDebian } from './support/agent.ts'
import { agentsDirectory, examples } from './support/directory.ts'
import { type Received, receive } from './support/received.ts'
import { rfc3164, sendLines } from './support/syslog.ts'

describe.skipIf(withoutDebian())('rsyslog', () => {
  let received: Received
  const time = new Date(Date.now() - 5_000)

  beforeAll(async () => {
    received = await receive()
    const port = await freePort(0)
    const config = join(agentsDirectory, 'rsyslog.conf')
    writeFileSync(
      config,
      [
        `global(workDirectory="${agentsDirectory}")`,
        'module(load="imtcp")',
        `input(type="imtcp" address="127.0.0.1" port="${port}")`,
        `include(file="${join(examples, 'rsyslog/tidemark.conf')}")`,
      ].join('\n'),
    )
    await startAgent({
      name: 'rsyslog',
      program: join(debian(), 'usr/sbin/rsyslogd'),
      args: ['-n', '-f', config, '-i', join(agentsDirectory, 'rsyslog.pid'), '-M', modules()],
      env: debianEnvironment(),
    })
    await sendLines(port, [
      `<165>1 ${time.toISOString()} web-rsyslog shop 4711 ID47 [order@32473 id="7" note="say \\"hi\\" \\]"] order 7 placed, größer`,
      `<11>${rfc3164(time)} web-rsyslog cron[77]: job failed with status 3`,
    ])
  })
  afterAll(async () => {
    await stopAgents()
    await received.close()
  })

  const events = () => received.logs.filter(({ host }) => host === 'web-rsyslog')

  it('passes on a message of RFC 5424 with its structured data', async () => {
    await received.until(events, 2)
    expect(events().find(({ service }) => service === 'shop')).toMatchObject({
      time: time.getTime(),
      level: 'info',
      message: 'order 7 placed, größer',
      attributes: {
        'log.syslog.procid': '4711',
        'log.syslog.msgid': 'ID47',
        'log.syslog.structured_data.order@32473.id': '7',
        'log.syslog.structured_data.order@32473.note': 'say "hi" ]',
      },
    })
  })

  it('passes on a message of RFC 3164, with a year and an offset', async () => {
    await received.until(events, 2)
    expect(events().find(({ service }) => service === 'cron')).toMatchObject({
      time: Math.floor(time.getTime() / 1_000) * 1_000,
      level: 'error',
      message: 'job failed with status 3',
      attributes: { 'log.syslog.procid': '77' },
    })
  })

  it('sends nothing that is refused', async () => {
    expect(await received.refused()).toEqual([])
  })
})

function modules(): string {
  const libraries = join(debian(), 'usr/lib')
  const architecture = readdirSync(libraries).find((name) => name.endsWith('-linux-gnu'))!
  return join(libraries, architecture, 'rsyslog')
}

import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../stack/ports.ts'
import { debian, debianEnvironment, startAgent, stopAgents, withoutDebian } from './support/agent.ts'
import { agentsDirectory, examples } from './support/directory.ts'
import { type Received, receive } from './support/received.ts'
import { rfc3164, sendLines } from './support/syslog.ts'

describe.skipIf(withoutDebian())('syslog-ng', () => {
  let received: Received
  const time = new Date(Date.now() - 5_000)

  beforeAll(async () => {
    received = await receive()
    const port = await freePort(0)
    const plainPort = await freePort(0)
    const [version] = readdirSync(join(debian(), 'usr/lib/syslog-ng')).filter((name) => /^\d/.test(name))
    const libraries = join(debian(), 'usr/lib/syslog-ng')
    const file = (name: string) => join(agentsDirectory, `syslog-ng.${name}`)
    writeFileSync(
      file('conf'),
      [
        `@version: ${version}`,
        'options { keep-hostname(yes); };',
        'source s_src {',
        `  network(ip("127.0.0.1") port(${port}) transport("tcp") flags(syslog-protocol));`,
        `  network(ip("127.0.0.1") port(${plainPort}) transport("tcp"));`,
        '};',
        `@include "${join(examples, 'syslog-ng/tidemark.conf')}"`,
        '',
      ].join('\n'),
    )
    const environment = debianEnvironment()
    await startAgent({
      name: 'syslog-ng',
      program: join(debian(), 'usr/sbin/syslog-ng'),
      args: [
        ...['--foreground', '--stderr', '--no-caps', `--cfgfile=${file('conf')}`, `--control=${file('ctl')}`],
        ...[`--persist-file=${file('persist')}`, `--pidfile=${file('pid')}`],
        `--module-path=${join(libraries, version!)}`,
      ],
      env: { ...environment, LD_LIBRARY_PATH: `${libraries}:${environment.LD_LIBRARY_PATH}` },
    })
    await sendLines(port, [
      `<165>1 ${time.toISOString()} web-syslog-ng shop 4711 ID47 [order@32473 id="7" note="say \\"hi\\" \\]"] order 7 placed, größer`,
    ])
    await sendLines(plainPort, [`<11>${rfc3164(time)} web-syslog-ng cron[77]: job failed with status 3`])
  })
  afterAll(async () => {
    await stopAgents()
    await received.close()
  })

  const events = () => received.logs.filter(({ host }) => host === 'web-syslog-ng')

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

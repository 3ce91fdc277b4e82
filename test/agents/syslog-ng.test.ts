import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { freePort } from '../../stack/ports.ts'
import { debian, debianEnvironment, startAgent, stopAgents, withoutDebian } from './support/agent.ts'
import { agentsDirectory, examples } from './support/directory.ts'
import { type Received, receive } from './support/received.ts'
import { itPassesOn, messagesOf, sendLines } from './support/syslog.ts'

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
    const [structured, plain] = messagesOf('web-syslog-ng', time)
    await sendLines(port, [structured])
    await sendLines(plainPort, [plain])
  })
  afterAll(async () => {
    await stopAgents()
    await received.close()
  })

  itPassesOn('web-syslog-ng', time, () => received)
})

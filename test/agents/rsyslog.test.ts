import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { freePort } from '../../stack/ports.ts'
import { debian, debianEnvironment, startAgent, stopAgents, withoutDebian } from './support/agent.ts'
import { agentsDirectory, examples } from './support/directory.ts'
import { type Received, receive } from './support/received.ts'
import { itPassesOn, messagesOf, sendLines } from './support/syslog.ts'

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
    await sendLines(port, messagesOf('web-rsyslog', time))
  })
  afterAll(async () => {
    await stopAgents()
    await received.close()
  })

  itPassesOn('web-rsyslog', time, () => received)
})

function modules(): string {
  const libraries = join(debian(), 'usr/lib')
  const architecture = readdirSync(libraries).find((name) => name.endsWith('-linux-gnu'))!
  return join(libraries, architecture, 'rsyslog')
}

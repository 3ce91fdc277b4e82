import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { versions } from '../../stack/agents/versions.ts'
import { startAgent, stopAgents } from './support/agent.ts'
import { agentsDirectory, examples } from './support/directory.ts'
import { type Received, receive } from './support/received.ts'

describe('Filebeat', () => {
  let received: Received
  const time = Date.now() - 5_000
  const iso = new Date(time).toISOString()
  const home = join(agentsDirectory, 'filebeat')
  const trace = [
    `${iso.slice(0, 23)} ERROR payment 7 failed`,
    'java.lang.IllegalStateException: no card',
    '\tat shop.Payment.charge(Payment.java:17)',
    '\tat shop.Main.main(Main.java:3)',
  ]

  beforeAll(async () => {
    received = await receive()
    mkdirSync(home, { recursive: true })
    writeFileSync(
      join(home, 'app.json'),
      `${JSON.stringify({
        '@timestamp': iso,
        'log.level': 'warn',
        message: 'the stock is low',
        'ecs.version': '1.6.0',
        service: { name: 'shop-filebeat-json' },
        trace: { id: '4bf92f3577b34da6a3ce929d0e0e4736' },
        order: { id: 7 },
      })}\n`,
    )
    writeFileSync(join(home, 'app.log'), `${trace.join('\n')}\n${iso} INFO up again\n`)
    await startAgent({
      name: 'filebeat',
      program: inject('programs').filebeat,
      args: [
        ...['-e', '--strict.perms=false', '-c', join(examples, 'filebeat/filebeat.yml')],
        ...['--path.home', home, '--path.data', join(home, 'data'), '--path.logs', join(home, 'logs')],
      ],
      env: {
        JSON_LOGS: join(home, '*.json'),
        TEXT_LOGS: join(home, '*.log'),
        SERVICE: 'shop-filebeat-text',
      },
      readyWhen: 'filebeat start running',
    })
  })
  afterAll(async () => {
    await stopAgents()
    await received.close()
  })

  it('is the version that is named', () => {
    expect(execFileSync(inject('programs').filebeat, ['version']).toString()).toContain(
      `filebeat version ${versions.filebeat} `,
    )
  })

  it('passes on an event in ECS JSON, with where it came from', async () => {
    const events = await received.until(() =>
      received.logs.filter(({ service }) => service === 'shop-filebeat-json'),
    )
    expect(events).toMatchObject([
      {
        time,
        level: 'warn',
        message: 'the stock is low',
        host: hostname(),
        traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
        attributes: {
          'order.id': '7',
          'agent.type': 'filebeat',
          'agent.version': versions.filebeat,
          'log.file.path': join(home, 'app.json'),
        },
      },
    ])
  })

  it('passes on a stack trace as one event', async () => {
    const events = await received.until(
      () => received.logs.filter(({ service }) => service === 'shop-filebeat-text'),
      2,
    )
    expect(events.map(({ message }) => message)).toEqual([trace.join('\n'), `${iso} INFO up again`])
    // Filebeat tells when it has read a line.
    for (const { time: read, level } of events) {
      expect(level).toBe('unknown')
      expect(read).toBeGreaterThan(time)
    }
  })

  it('sends nothing that is refused', async () => {
    expect(await received.refused()).toEqual([])
  })
})

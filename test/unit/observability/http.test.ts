import { request } from 'node:http'
import { connect, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ConfigurationError } from '../../../shared/errors.ts'
import { createHealth } from '../../../shared/observability/health.ts'
import { startHttp } from '../../../shared/observability/http.ts'
import { createMetrics } from '../../../shared/observability/metrics.ts'

async function start(host = '127.0.0.1') {
  const metrics = createMetrics()
  const health = createHealth()
  const http = await startHttp({ host, port: 0, metrics, health })
  onTestFinished(() => http.close())
  return { metrics, health, http }
}

interface Answer {
  readonly status: number | undefined
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** By node:http, for fetch would tidy paths up and hide what a HEAD answer brings. */
function ask(
  port: number,
  path: string,
  method = 'GET',
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
      .on('error', reject)
      .end()
  })
}

describe('startHttp', () => {
  it('takes a free port and says which', async () => {
    const { http } = await start()
    expect(http.port).toBeGreaterThan(0)
    expect(http.address).toBe(`http://127.0.0.1:${http.port}`)
    expect((await fetch(`${http.address}/live`)).status).toBe(200)
  })

  it('serves metrics as Prometheus text', async () => {
    const { http, metrics } = await start()
    metrics.counter({ name: 'records_total', help: 'Records.' }).inc(3)
    const answer = await ask(http.port, '/metrics')
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(answer.body).toContain('tidemark_records_total 3\n')
  })

  it('is live while it answers, ready or not', async () => {
    const { http, health } = await start()
    health.setNotReady('kafka', 'Kafka is away.')
    expect(await ask(http.port, '/live')).toMatchObject({ status: 200, body: 'live\n' })
  })

  it('is ready, or tells what is missing', async () => {
    const { http, health } = await start()
    health.setNotReady('kafka', 'Kafka at 127.0.0.1:9092 is away: connection refused.')
    const away = await ask(http.port, '/ready')
    expect(away.status).toBe(503)
    expect(away.headers['content-type']).toBe('application/json')
    expect(JSON.parse(away.body)).toEqual({
      ready: false,
      reasons: ['Kafka at 127.0.0.1:9092 is away: connection refused.'],
    })
    health.setReady('kafka')
    const back = await ask(http.port, '/ready')
    expect(back.status).toBe(200)
    expect(JSON.parse(back.body)).toEqual({ ready: true, reasons: [] })
  })

  it('has an index', async () => {
    const { http } = await start()
    expect(await ask(http.port, '/')).toMatchObject({ status: 200, body: '/metrics\n/live\n/ready\n' })
  })

  it('does not mind a query', async () => {
    const { http } = await start()
    expect((await ask(http.port, '/live?verbose=1')).status).toBe(200)
  })

  it.each(['/nothing', '/metrics/', '/../etc/passwd', '//'])('answers %s with 404', async (path) => {
    const { http } = await start()
    expect((await ask(http.port, path)).status).toBe(404)
  })

  it.each(['/', '/live', '/ready', '/metrics', '/nothing'])(
    'answers HEAD of %s like GET, without a body',
    async (path) => {
      const { http, health, metrics } = await start()
      health.setNotReady('kafka', 'Kafka is away.')
      metrics.gauge({ name: 'lag', help: 'Lag.' }).set(1)
      const get = await ask(http.port, path)
      const head = await ask(http.port, path, 'HEAD')
      expect(head.status).toBe(get.status)
      expect(head.headers['content-length']).toBe(String(Buffer.byteLength(get.body)))
      expect(head.headers['content-type']).toBe(get.headers['content-type'])
      expect(head.body).toBe('')
    },
  )

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('answers %s with 405', async (method) => {
    const { http } = await start()
    const answer = await ask(http.port, '/live', method)
    expect(answer.status).toBe(405)
    expect(answer.headers.allow).toBe('GET, HEAD')
  })

  it('lets nothing be cached', async () => {
    const { http } = await start()
    expect((await ask(http.port, '/ready')).headers['cache-control']).toBe('no-store')
  })

  it('refuses headers of more than 8 KiB', async () => {
    const { http } = await start()
    expect((await ask(http.port, '/live', 'GET', { 'x-long': 'a'.repeat(7_000) })).status).toBe(200)
    expect((await ask(http.port, '/live', 'GET', { 'x-long': 'a'.repeat(9_000) })).status).toBe(431)
  })

  it('answers 500 and goes on when the metrics can’t be collected', async () => {
    const metrics = { ...createMetrics(), expose: () => Promise.reject(new Error('collector broke')) }
    const http = await startHttp({ host: '127.0.0.1', port: 0, metrics, health: createHealth() })
    onTestFinished(() => http.close())
    expect(await ask(http.port, '/metrics')).toMatchObject({ status: 500, body: 'collector broke\n' })
    expect((await ask(http.port, '/live')).status).toBe(200)
  })

  it('ends at once, even with a connection open', async () => {
    const { http } = await start()
    const socket = connect(http.port, '127.0.0.1')
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    await new Promise<void>((resolve) => socket.once('connect', resolve))
    await ask(http.port, '/live')
    await http.close()
    await closed
    await expect(ask(http.port, '/live')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('stops the start with a sentence when the port is taken', async () => {
    const { http } = await start()
    const attempt = startHttp({
      host: '127.0.0.1',
      port: http.port,
      metrics: createMetrics(),
      health: createHealth(),
    })
    await expect(attempt).rejects.toBeInstanceOf(ConfigurationError)
    await expect(attempt).rejects.toThrow(new RegExp(`127\\.0\\.0\\.1:${http.port}.*http\\.port`))
  })

  it('stops the start with a sentence when the address is not this machine’s', async () => {
    // 192.0.2.0/24 is set aside for documentation (RFC 5737): no machine has it.
    const attempt = startHttp({
      host: '192.0.2.1',
      port: 0,
      metrics: createMetrics(),
      health: createHealth(),
    })
    await expect(attempt).rejects.toBeInstanceOf(ConfigurationError)
    await expect(attempt).rejects.toThrow('192.0.2.1')
  })

  it('writes an IPv6 address in brackets', async (context) => {
    const probe = createServer()
    const possible = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false))
      probe.listen(0, '::1', () => probe.close(() => resolve(true)))
    })
    if (!possible) context.skip('this machine has no IPv6')
    const { http } = await start('::1')
    expect(http.address).toBe(`http://[::1]:${http.port}`)
    expect((await fetch(`${http.address}/live`)).status).toBe(200)
  })
})

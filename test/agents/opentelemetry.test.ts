import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { versions } from '../../stack/agents/versions.ts'
import { freePort } from '../../stack/ports.ts'
import { startAgent, stopAgents } from './support/agent.ts'
import { examples } from './support/directory.ts'
import { type Received, receive } from './support/received.ts'
import { host, sendMetrics, sendTrace } from './support/sdk.ts'

let received: Received
beforeAll(async () => {
  received = await receive()
})
afterAll(async () => {
  await stopAgents()
  await received.close()
})

/** Starts a Collector; gives where it takes OTLP by HTTP. */
async function startCollector(name: string, env: NodeJS.ProcessEnv): Promise<string> {
  const http = `127.0.0.1:${await freePort(0)}`
  await startAgent({
    name: `otelcol-${name}`,
    program: inject('programs').collector,
    args: ['--config', join(examples, 'opentelemetry-collector/config.yaml')],
    env: { OTLP_GRPC: `127.0.0.1:${await freePort(0)}`, OTLP_HTTP: http, ...env },
    readyWhen: 'Everything is ready',
  })
  return `http://${http}`
}

it('is the version that is named', () => {
  expect(execFileSync(inject('programs').collector, ['--version']).toString()).toContain(versions.collector)
})

describe.each(['otlp_proto', 'otlp_json'])(
  'OpenTelemetry’s SDK for Node, through its Collector as %s',
  (encoding) => {
    const service = `shop-${encoding}`
    const began = Date.now()
    let url: string
    beforeAll(async () => {
      url = await startCollector(encoding, { ENCODING: encoding, TRACES_ENCODING: encoding })
    })

    it('tells a counter, a gauge and a histogram', async () => {
      await sendMetrics({ url, service })
      const own = ({ tags }: { readonly tags: Readonly<Record<string, string>> }) =>
        tags['service.name'] === service
      const tags = { 'service.name': service, 'service.instance.id': 'a', 'host.name': host }
      const points = await received.until(() => received.points.filter(own), 2)
      expect(
        points.map(({ time: _, ...point }) => point).toSorted((a, b) => a.metric.localeCompare(b.metric)),
      ).toEqual([
        { metric: 'orders', tags: { ...tags, shop: 'west' }, kind: 'counter', unit: '{order}', value: 3 },
        { metric: 'stock', tags, kind: 'gauge', unit: '{piece}', value: -2.5 },
      ])
      const histograms = await received.until(() => received.histograms.filter(own))
      expect(histograms).toMatchObject([
        {
          metric: 'checkout.duration',
          ...{ tags, kind: 'counter', unit: 'ms' },
          ...{ count: 3, sum: 562, min: 12, max: 480 },
        },
      ])
    })

    it('tells a log event within a span, and the span', async () => {
      const { traceId, spanId } = await sendTrace({ url, service })
      const logs = await received.until(() => received.logs.filter((log) => log.service === service))
      expect(logs).toMatchObject([
        { level: 'warn', message: 'payment refused', host, traceId, spanId, attributes: { 'order.id': '7' } },
      ])
      const spans = await received.until(() => received.spans.filter((one) => one.traceId === traceId))
      expect(spans).toMatchObject([
        {
          spanId,
          parentSpanId: null,
          name: 'charge',
          kind: 'client',
          service,
          host,
          status: 'error',
          statusMessage: 'refused',
          scope: 'shop',
          attributes: { 'order.id': '7' },
          events: [
            {
              name: 'exception',
              attributes: { 'exception.type': 'TypeError', 'exception.message': 'no card' },
            },
          ],
        },
      ])
      for (const { time } of [...logs, ...spans]) {
        expect(time).toBeGreaterThanOrEqual(began)
        expect(time).toBeLessThanOrEqual(Date.now())
      }
      expect(spans[0]!.durationNs).toBeGreaterThan(0)
    })

    it('sends nothing that is refused', async () => {
      expect(await received.refused()).toEqual([])
    })
  },
)

describe.each(['zipkin_proto', 'zipkin_json', 'jaeger_proto', 'jaeger_json'])(
  'spans of the SDK, through the Collector as %s',
  (encoding) => {
    const service = `shop-${encoding}`
    it('are the same, with their events', async () => {
      const url = await startCollector(encoding, { TRACES_ENCODING: encoding })
      const { traceId, spanId } = await sendTrace({ url, service })
      const spans = await received.until(() => received.spans.filter((one) => one.traceId === traceId))
      expect(spans).toMatchObject([
        {
          spanId,
          parentSpanId: null,
          name: 'charge',
          kind: 'client',
          service,
          status: 'error',
          statusMessage: 'refused',
          scope: 'shop',
          attributes: { 'order.id': '7' },
          events: [{}],
        },
      ])
      expect(JSON.stringify(spans[0]!.events)).toContain('no card')
      expect(spans[0]!.durationNs).toBeGreaterThan(0)
      expect(await received.refused()).toEqual([])
    })
  },
)

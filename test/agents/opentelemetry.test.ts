import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { context, SeverityNumber, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { versions } from '../../stack/agents/versions.ts'
import { freePort } from '../../stack/ports.ts'
import { startAgent, stopAgents } from './support/agent.ts'
import { examples } from './support/directory.ts'
import { type Received, receive } from './support/received.ts'

const service = 'shop-otel'
const resource = resourceFromAttributes({
  'service.name': service,
  'service.instance.id': 'a',
  'host.name': 'web-otel',
})

describe('OpenTelemetry’s SDK for Node, through its Collector', () => {
  let received: Received
  let url: string
  const began = Date.now()

  beforeAll(async () => {
    received = await receive()
    const http = `127.0.0.1:${await freePort(0)}`
    url = `http://${http}/v1`
    await startAgent({
      name: 'otelcol',
      program: inject('programs').collector,
      args: ['--config', join(examples, 'opentelemetry-collector/config.yaml')],
      env: { OTLP_GRPC: `127.0.0.1:${await freePort(0)}`, OTLP_HTTP: http },
      readyWhen: 'Everything is ready',
    })
  })
  afterAll(async () => {
    await stopAgents()
    await received.close()
  })

  it('is the version that is named', () => {
    expect(execFileSync(inject('programs').collector, ['--version']).toString()).toContain(versions.collector)
  })

  it('tells a counter, a gauge and a histogram', async () => {
    const exporter = new OTLPMetricExporter({ url: `${url}/metrics` })
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
    const provider = new MeterProvider({ resource, readers: [reader] })
    const meter = provider.getMeter('shop')
    meter.createCounter('orders', { unit: '{order}' }).add(3, { shop: 'west' })
    meter.createGauge('stock', { unit: '{piece}' }).record(-2.5)
    const durations = meter.createHistogram('checkout.duration', { unit: 'ms' })
    for (const value of [12, 70, 480]) durations.record(value)
    await provider.shutdown()

    const own = () => received.points.filter(({ tags }) => tags['service.name'] === service)
    const points = await received.until(own, 2)
    const tags = { 'service.name': service, 'service.instance.id': 'a', 'host.name': 'web-otel' }
    expect(points.map(({ time: _, ...point }) => point)).toEqual(
      expect.arrayContaining([
        { metric: 'orders', tags: { ...tags, shop: 'west' }, kind: 'counter', unit: '{order}', value: 3 },
        { metric: 'stock', tags, kind: 'gauge', unit: '{piece}', value: -2.5 },
      ]),
    )
    const histograms = await received.until(() =>
      received.histograms.filter(({ metric }) => metric === 'checkout.duration'),
    )
    expect(histograms).toMatchObject([
      { tags, kind: 'counter', unit: 'ms', count: 3, sum: 562, min: 12, max: 480 },
    ])
  })

  it('tells a log event within a span, and the span', async () => {
    const spanProcessor = new SimpleSpanProcessor({
      exporter: new OTLPTraceExporter({ url: `${url}/traces` }),
    })
    const tracers = new TracerProvider({ resource, spanProcessors: [spanProcessor] })
    const processor = new SimpleLogRecordProcessor({ exporter: new OTLPLogExporter({ url: `${url}/logs` }) })
    const loggers = new LoggerProvider({ resource, processors: [processor] })

    const span = tracers.getTracer('shop', '1.2').startSpan('charge', { kind: SpanKind.CLIENT })
    span.setAttribute('order.id', 7)
    span.recordException(new TypeError('no card'))
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'refused' })
    loggers.getLogger('shop').emit({
      severityNumber: SeverityNumber.WARN,
      severityText: 'WARN',
      body: 'payment refused',
      attributes: { 'order.id': 7 },
      context: trace.setSpan(context.active(), span),
    })
    span.end()
    await Promise.all([tracers.shutdown(), loggers.shutdown()])

    const { traceId, spanId } = span.spanContext()
    const logs = await received.until(() => received.logs.filter((log) => log.service === service))
    expect(logs).toMatchObject([
      {
        level: 'warn',
        message: 'payment refused',
        host: 'web-otel',
        traceId,
        spanId,
        attributes: { 'order.id': '7' },
      },
    ])
    const spans = await received.until(() => received.spans.filter((one) => one.traceId === traceId))
    expect(spans).toMatchObject([
      {
        spanId,
        parentSpanId: null,
        name: 'charge',
        kind: 'client',
        service,
        host: 'web-otel',
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

  it('sends nothing that is refused', () => received.expectNothingRefused())
})

import {
  context,
  SeverityNumber,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'

/** What a program that uses OpenTelemetry's SDK tells a Collector. */
interface Program {
  /** Where the Collector takes OTLP by HTTP. */
  readonly url: string
  readonly service: string
}

export const host = 'web-otel'

const resourceOf = ({ service }: Program) =>
  resourceFromAttributes({ 'service.name': service, 'service.instance.id': 'a', 'host.name': host })

/** A counter of 3, a gauge of -2.5, and a histogram of 12, 70 and 480. */
export async function sendMetrics(program: Program): Promise<void> {
  const exporter = new OTLPMetricExporter({ url: `${program.url}/v1/metrics` })
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const provider = new MeterProvider({ resource: resourceOf(program), readers: [reader] })
  const meter = provider.getMeter('shop')
  meter.createCounter('orders', { unit: '{order}' }).add(3, { shop: 'west' })
  meter.createGauge('stock', { unit: '{piece}' }).record(-2.5)
  const durations = meter.createHistogram('checkout.duration', { unit: 'ms' })
  for (const value of [12, 70, 480]) durations.record(value)
  await provider.shutdown()
}

/** A client's span that fails with an exception, and a warning within it. */
export async function sendTrace(program: Program): Promise<SpanContext> {
  const resource = resourceOf(program)
  const spanExporter = new OTLPTraceExporter({ url: `${program.url}/v1/traces` })
  const spanProcessors = [new SimpleSpanProcessor({ exporter: spanExporter })]
  const tracers = new TracerProvider({ resource, spanProcessors })
  const logExporter = new OTLPLogExporter({ url: `${program.url}/v1/logs` })
  const processors = [new SimpleLogRecordProcessor({ exporter: logExporter })]
  const loggers = new LoggerProvider({ resource, processors })

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
  return span.spanContext()
}

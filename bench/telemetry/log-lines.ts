import { type Host, hexDigits, hostsOf, percent, pick, sizeOf } from './fleet.ts'
import { levels, logText } from './log-text.ts'
import { momentMs, type Random, type RawMessage, type Telemetry } from './telemetry.ts'

/** Sources of lines: each comes in bursts of its own. */
const hosts = hostsOf(100)
const linesOfHost = 20

interface LineContext {
  readonly host: Host
  readonly time: Date
  readonly random: Random
}

/** A line a message, as those who follow files and sockets send them. */
const logLines = (
  kind: Pick<Telemetry, 'format' | 'variant' | 'waits'>,
  lineOf: (context: LineContext) => string,
): Telemetry => ({
  ...kind,
  makes: 'logs',
  *messages({ timeMs }, random): Generator<RawMessage> {
    for (const host of hosts) {
      for (let i = 0; i < linesOfHost; i++) {
        const time = new Date(timeMs + (i * momentMs) / linesOfHost + Math.floor(random() * 400))
        yield { key: host.name, value: lineOf({ host, time, random }), things: 1 }
      }
    }
  },
})

const nanosIso = (time: Date, random: Random) =>
  `${time.toISOString().slice(0, -1)}${String(Math.floor(random() * 1e6)).padStart(6, '0')}Z`

export const cri = logLines(
  { format: 'cri', waits: true },
  ({ time, random }) => `${nanosIso(time, random)} stdout F ${pick(levels, random)} ${logText(random)}`,
)

/** Of Docker's files, with the container that an agent adds. */
export const dockerJson = logLines({ format: 'docker-json', waits: true }, ({ host, time, random }) =>
  JSON.stringify({
    log: `${pick(levels, random)} ${logText(random)}\n`,
    stream: 'stdout',
    time: nanosIso(time, random),
    container_name: `/checkout-${host.number}`,
  }),
)

export const syslog5424 = logLines(
  { format: 'syslog', variant: 'RFC 5424' },
  ({ host, time, random }) =>
    `<${pick([134, 131, 132], random)}>1 ${time.toISOString()} ${host.name} checkout 4711 ORD${sizeOf(random, 3)} [origin@32473 ip="10.0.0.17" software="checkout"] ${logText(random)}`,
)

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const clockOf = (time: Date) => time.toISOString().slice(11, 19)
const monthOf = (time: Date) => months[time.getUTCMonth()]!

export const syslog3164 = logLines(
  { format: 'syslog', variant: 'RFC 3164' },
  ({ host, time, random }) =>
    `<${pick([134, 131, 132], random)}>${monthOf(time)} ${String(time.getUTCDate()).padStart(2)} ${clockOf(time)} ${host.name} checkout[4711]: ${logText(random)}`,
)

const browsers = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148',
  'curl/8.5.0',
] as const

/** Of nginx, in the combined format. */
export const accessLog = logLines({ format: 'access-log' }, ({ time, random }) => {
  const date = `${String(time.getUTCDate()).padStart(2, '0')}/${monthOf(time)}/${time.getUTCFullYear()}:${clockOf(time)} +0000`
  const target = `/api/v1/orders/${sizeOf(random, 7)}?page=${sizeOf(random, 2)}`
  return `203.0.113.${sizeOf(random, 2)} - - [${date}] "GET ${target} HTTP/1.1" ${pick([200, 200, 304, 404, 500], random)} ${sizeOf(random, 6)} "https://shop.example.org/cart" "${pick(browsers, random)}"`
})

/** Of Go's slog. */
export const logfmt = logLines(
  { format: 'logfmt' },
  ({ host, time, random }) =>
    `time=${time.toISOString()} level=${pick(levels, random)} msg="${logText(random)}" service=checkout host=${host.name} order=${sizeOf(random, 7)} took=${percent(random).toFixed(2)}ms trace_id=${hexDigits(32, random)}`,
)

/** One event in forty has a stack trace behind it. */
const traceEvery = 40
const trace = Array.from(
  { length: 12 },
  (_, i) => `\tat com.shop.checkout.OrderService.step${i}(OrderService.java:${100 + i})`,
)

/** Of logback, a line a message, stack traces too. */
export const text: Telemetry = {
  format: 'text',
  contentType: 'text/plain',
  waits: true,
  makes: 'logs',
  *messages(moment, random): Generator<RawMessage> {
    let events = 0
    for (const message of heads.messages(moment, random)) {
      yield message
      if (++events % traceEvery !== 0) continue
      const { key } = message
      yield { key, value: 'java.lang.IllegalStateException: the cart is empty', things: 0 }
      for (const value of trace) yield { key, value, things: 0 }
    }
  },
}

const heads = logLines(
  { format: 'text' },
  ({ time, random }) =>
    `${time.toISOString().replace('T', ' ').replace('.', ',').slice(0, 23)} ${pick(levels, random).padEnd(5)} [http-nio-8080-exec-${sizeOf(random, 1)}] com.shop.checkout.OrderService - ${logText(random)}`,
)

/** Of pino, with the request that its middleware adds. */
export const jsonLogs = logLines({ format: 'json-logs' }, ({ host, time, random }) =>
  JSON.stringify({
    level: pick([30, 30, 30, 40, 50], random),
    time: time.getTime(),
    pid: 7,
    hostname: host.name,
    name: 'checkout',
    req: { id: sizeOf(random, 9), method: 'GET', url: `/api/v1/orders/${sizeOf(random, 7)}` },
    res: { statusCode: pick([200, 200, 304, 404, 500], random) },
    responseTime: sizeOf(random, 4),
    msg: logText(random),
  }),
)

/** Of Filebeat, with the fields that its default processors and a tracing application add. */
export const ecsJson = logLines({ format: 'ecs-json' }, ({ host, time, random }) =>
  JSON.stringify({
    '@timestamp': time.toISOString(),
    '@metadata': { beat: 'filebeat', type: '_doc', version: '8.15.0' },
    message: logText(random),
    log: {
      level: pick(levels, random).toLowerCase(),
      offset: sizeOf(random, 9),
      file: { path: '/var/log/shop/checkout.log' },
    },
    service: { name: 'checkout' },
    event: { dataset: 'checkout.log', module: 'checkout' },
    input: { type: 'filestream' },
    ecs: { version: '8.0.0' },
    host: {
      name: host.name,
      architecture: 'x86_64',
      os: { type: 'linux', platform: 'debian', version: '12' },
    },
    agent: { id: `e3c1-${host.number}`, name: host.name, type: 'filebeat', version: '8.15.0' },
    trace: { id: hexDigits(32, random) },
    span: { id: hexDigits(16, random) },
    labels: { env: 'prod', team: 'orders', region: host.region },
  }),
)

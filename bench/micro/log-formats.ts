/** Our readers of logs, into nothing: `node bench/micro/log-formats.ts`. Times are CPU time of this process. */
import { normalizerSection } from '../../services/normalizer/config.ts'
import type { Events } from '../../services/normalizer/format.ts'
import { formats } from '../../services/normalizer/formats/registry.ts'
import { LineJoiner } from '../../services/normalizer/line-joiner.ts'
import { Payload } from '../../services/normalizer/payload.ts'
import type { StreamRecord } from '../../shared/stream/task.ts'
import { report } from './measure.ts'

const time = '2023-11-14T22:13:20.123Z'
const user =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36'
const request = { method: 'GET', path: '/api/orders/17', status: 200, bytes: 5120 }

/** What Filebeat sends of a line of a container, with the fields that its processors add. */
const filebeat = {
  '@timestamp': time,
  '@metadata': { beat: 'filebeat', type: '_doc', version: '8.11.0' },
  message: 'order 17 was paid by customer 4711 in 35 ms',
  log: { level: 'info', offset: 123_456, file: { path: '/var/log/shop/shop.log' } },
  service: { name: 'shop' },
  event: { dataset: 'shop.log', module: 'shop' },
  input: { type: 'filestream' },
  ecs: { version: '8.0.0' },
  host: { name: 'web-1', architecture: 'x86_64', os: { type: 'linux', platform: 'debian', version: '12' } },
  agent: { id: 'e3c1', name: 'web-1', type: 'filebeat', version: '8.11.0', ephemeral_id: 'a1b2' },
  trace: { id: '4bf92f3577b34da6a3ce929d0e0e4736' },
  span: { id: '00f067aa0ba902b7' },
  labels: { env: 'prod', team: 'orders' },
}

const samples: Readonly<Record<string, string>> = {
  'ecs-json': JSON.stringify(filebeat),
  'json-logs': JSON.stringify({
    level: 30,
    time: 1_700_000_000_123,
    pid: 7,
    hostname: 'web-1',
    name: 'shop',
    req: request,
    responseTime: 35,
    msg: 'request completed',
  }),
  'docker-json': JSON.stringify({ log: 'INFO order 17 was paid in 35 ms\n', stream: 'stdout', time }),
  cri: `${time} stdout F INFO order 17 was paid by customer 4711 in 35 ms`,
  syslog: `<165>1 ${time} web-1 shop 42 ID47 [exampleSDID@32473 iut="3" eventSource="App"] order 17 was paid`,
  'access-log': `203.0.113.7 - - [14/Nov/2023:22:13:20 +0000] "GET /api/orders/17?full=1 HTTP/1.1" 200 5120 "-" "${user}"`,
  logfmt: `time=${time} level=info msg="order was paid" order=17 customer=4711 took=35ms`,
  text: '2023-11-14 22:13:20,123 INFO  [worker-3] com.shop.Orders - order 17 was paid by customer 4711 in 35 ms',
}

const config = normalizerSection.schema.parse({})
const record: StreamRecord<unknown> = {
  topic: 'raw',
  partition: 0,
  offset: 0,
  timestamp: 1_700_000_000_000,
  isAppendTime: true,
  key: null,
  bytes: null,
  headers: {},
  value: undefined,
}
const joiner = new LineJoiner(config, () => undefined)
const nothing = () => undefined
const events: Events = {
  only: undefined,
  defaultTime: record.timestamp,
  series: () => {
    throw new Error('a log format made a point')
  },
  timeProblem: nothing,
  part: nothing,
  point: nothing,
  histogram: nothing,
  log: nothing,
  line: (...line) => joiner.take(record, ...line),
  span: nothing,
  refuse: (_, reason) => {
    throw new Error(reason)
  },
  skipField: nothing,
}

for (const [name, sample] of Object.entries(samples)) {
  const format = formats.find((one) => one.name === name)!
  const reader = format.createReader(config)
  const bytes = Buffer.from(sample)
  const lines = Buffer.from(`${sample}\n`.repeat(100))
  report(`reading a log event of ${name}, ${bytes.length} bytes, one in a message`, 1, 20_000, () => {
    const payload = new Payload(bytes, {})
    format.recognizes(payload)
    reader.read(payload, events)
  })
  report(`reading a log event of ${name}, ${bytes.length} bytes, 100 in a message`, 100, 200, () => {
    reader.read(new Payload(lines, {}), events)
  })
}

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { example, toProtobuf } from '../support/otlp.ts'
import { packed, writeRequest, writeRequest2 } from '../support/remote-write.ts'
import { jaegerProtobuf, zipkinProtobuf } from '../support/traces.ts'

const fixtures = join(import.meta.dirname, '../fixtures')

/** All files of a folder of fixtures, or those whose names end so. */
const files = (folder: string, ending = ''): readonly Buffer[] =>
  readdirSync(join(fixtures, folder))
    .filter((name) => name.endsWith(ending) && !/^(NOTICE|LICENSE)/.test(name))
    .map((name) => readFileSync(join(fixtures, folder, name)))

const texts = (...all: readonly string[]) => all.map((text) => Buffer.from(text))

const time = { seconds: 1_700_000_000, millis: 1_700_000_000_000, nanos: '1700000000000000000' }

const exponential = {
  resourceMetrics: [
    {
      scopeMetrics: [
        {
          metrics: [
            {
              name: 'e',
              exponentialHistogram: {
                aggregationTemporality: 1,
                dataPoints: [
                  {
                    timeUnixNano: time.nanos,
                    count: 6,
                    sum: 9,
                    scale: 2,
                    zeroCount: 1,
                    positive: { offset: 1, bucketCounts: [1, 0, 2] },
                    negative: { offset: -3, bucketCounts: [2] },
                    exemplars: [
                      {
                        timeUnixNano: time.nanos,
                        asDouble: 7.5,
                        traceId: '5b8efff798038103d269b633813fc60c',
                        spanId: 'eee19b7ec3c1b174',
                      },
                    ],
                  },
                ],
              },
            },
            {
              name: 's',
              summary: {
                dataPoints: [
                  {
                    timeUnixNano: time.nanos,
                    count: 2,
                    sum: 3,
                    quantileValues: [{ quantile: 0.5, value: 1 }],
                  },
                ],
              },
            },
          ],
        },
      ],
    },
  ],
}

const otlp = (signal: 'metrics' | 'logs' | 'traces', ...names: readonly string[]): readonly Buffer[] =>
  names.flatMap((name) => {
    const json = example(name)
    return [Buffer.from(json), toProtobuf(signal, JSON.parse(json) as object)]
  })

const jaegerSpan = {
  traceId: 'AAAAAAAAAAAAAAAAAAAAAQ==',
  spanId: 'AAAAAAAAAAI=',
  operationName: 'GET /abc',
  startTime: { seconds: time.seconds },
  process: { serviceName: 'shop', tags: [{ key: 'hostname', vStr: 'node-1' }] },
}

const nativeHistogram = {
  countInt: 6,
  sum: 9,
  schema: 2,
  zeroCountInt: 1,
  positiveSpans: [
    { offset: 1, length: 2 },
    { offset: 3, length: 1 },
  ],
  positiveDeltas: [1, 1, 0],
  timestamp: time.millis,
}
const customHistogram = {
  countInt: 3,
  sum: 9,
  schema: -53,
  positiveSpans: [{ offset: 0, length: 2 }],
  positiveDeltas: [1, 1],
  customValues: [1, 2.5],
  timestamp: time.millis,
}
const labels = [
  { name: '__name__', value: 'http_requests_total' },
  { name: 'job', value: 'a' },
]
const samples = [{ value: 1.5, timestamp: time.millis }]
const written = writeRequest({
  timeseries: [
    { labels, samples },
    { labels: labels.slice(0, 1), histograms: [nativeHistogram, customHistogram] },
  ],
  metadata: [{ type: 1, metricFamilyName: 'http_requests', unit: 'bytes' }],
})
const written2 = writeRequest2({
  symbols: ['', '__name__', 'http_requests_total', 'job', 'a', 'seconds'],
  timeseries: [
    { labelsRefs: [1, 2, 3, 4], samples, metadata: { type: 1, unitRef: 5 } },
    { labelsRefs: [1, 2], histograms: [nativeHistogram, customHistogram], metadata: { type: 3 } },
  ],
})

const statsd = (...more: readonly string[]) => [
  ...files('statsd', '.txt'),
  ...texts('a:1|c|@0.1\nb:-2.5|g\nc:1:2:3|ms|@0.5\nd,k=v:x:y|s', ...more),
]

/** Right samples of each format, by its name: what the fuzzer damages. */
export const samplesByFormat: Readonly<Record<string, readonly Buffer[]>> = {
  'otlp-metrics': [
    ...otlp('metrics', 'metrics.json'),
    Buffer.from(JSON.stringify(exponential)),
    toProtobuf('metrics', exponential),
  ],
  'otlp-logs': otlp('logs', 'logs.json', 'events.json'),
  'otlp-traces': otlp('traces', 'trace.json'),
  zipkin: [
    ...files('zipkin', '.json'),
    ...['messaging.json', 'skew.json'].map((name) =>
      zipkinProtobuf(JSON.parse(readFileSync(join(fixtures, 'zipkin', name), 'utf8')) as never),
    ),
  ],
  jaeger: [
    ...files('jaeger', '.json'),
    jaegerProtobuf('Span', jaegerSpan),
    jaegerProtobuf('Batch', { spans: [jaegerSpan, jaegerSpan], process: jaegerSpan.process }),
  ],
  'prometheus-remote-write': [written, packed(written), written2, packed(written2)],
  'telegraf-json': texts(
    '{"name":"cpu","tags":{"host":"a"},"fields":{"user":1,"on":true,"x":"y"},"timestamp":1700000000}',
    '{"metrics":[{"name":"cpu","tags":{},"fields":{"value":1e3},"timestamp":"2023-11-14T22:13:20Z"},{"name":"m","fields":{"a":{"b":1}},"timestamp":1700000000000000000}]}',
  ),
  collectd: files('collectd', '.json'),
  metricbeat: files('metricbeat', '.json'),
  'docker-json': texts(
    '{"log":"x\\n","stream":"stdout","time":"2023-11-14T22:13:20Z"}\n{"log":"\\tat a.b(C.java:1)\\n","stream":"stderr","time":"2023-11-14T22:13:20.123456789Z"}',
    '{"log":"{\\"level\\":30,\\"msg\\":\\"m\\"}\\n","stream":"stdout","time":"2023-11-14T22:13:20Z","kubernetes":{"pod_id":"p","labels":{"a":"b"}}}',
  ),
  'json-logs': texts(
    '{"level":30,"time":1700000000000,"pid":1,"hostname":"h","msg":"x","err":{"type":"E","stack":"E: m\\n  at f"}}',
    '{"@timestamp":"2023-11-14T22:13:20Z","@version":"1","message":"x","level":"WARN","tags":["a",{"b":1}]}\n{"ts":1.7e9,"msg":"y"}',
  ),
  'ecs-json': files('ecs-json', '.json'),
  'prometheus-text': [
    ...files('prometheus-text', '.prom'),
    ...files('prometheus-text', '.openmetrics'),
    ...texts(
      '# TYPE h histogram\nh {count:6,sum:9,schema:2,zero_threshold:1e-3,zero_count:1,positive_spans:[1:2,3:1],positive_buckets:[1,2,2]} 1700000000\n# TYPE s summary\ns {count:2,sum:3,quantile:[0.5:1]}\n# EOF',
      '# TYPE h histogram\nh_bucket{le="1"} 1 # {trace_id="x",span_id="y"} 0.5 1700000000\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n{"a.b",c="d\\n"} 1',
    ),
  ],
  dogstatsd: statsd('a:1|c|#env:prod,b|c:id|T1700000000\n_e{5,4}:title|text|p:low|#a:b\n_sc|name|1|m:text'),
  statsd: statsd(),
  graphite: texts(
    'servers.web1.load 1.5 1700000000\ndisk.used;host=web1;dc=eu 42 N',
    'a -1e3 1700000000.5\nb 1',
  ),
  cri: texts(
    '2023-11-14T22:13:20.123456789Z stdout P a\n2023-11-14T22:13:20.123456789Z stdout F b\n2023-11-14T22:13:20.1Z stderr F {"level":30,"msg":"m"}',
    '2023-11-14T22:13:20+01:00 stderr F java.lang.E: m\n2023-11-14T22:13:20+01:00 stderr F \tat a.b(C.java:1)',
  ),
  syslog: [
    ...files('syslog', '.txt'),
    ...texts(
      '<34>Oct 11 22:14:15 host su[12]: failed\n<13>Feb 29 00:00:00 h a: b',
      '83 <34>1 2003-10-11T22:14:15.003Z h su - ID47 [a b="c" b="\\]"][d@1 e="f"] \ufeffx=1 y8 <14>1 - -',
      'Oct 11 22:14:15 h kernel: x=1 y',
    ),
  ],
  'access-log': files('access-log', '.log'),
  logfmt: texts(
    'time=2023-11-14T22:13:20Z level=info msg="x \\"y\\" \\u00e4" a=b c= d\nlevel=error ts=1700000000.5 msg=x',
  ),
  influx: texts(
    'cpu,host=a\\ b,dc=eu user=1,system=2i,on=t,s="x\\"y\nz" 1700000000000000000\nmem v=3u\n# c\nx,a=b c=-1.5e3',
    'm,t=1 f=1 1700000000000000000\nm,t=1 f=2,g=3 1700000000000000001',
  ),
  text: texts(
    '2023-11-14 22:13:20,123 ERROR [main] a.B - failed\njava.lang.E: m\n\tat a.b(C.java:1)\nCaused by: x: y\n\t... 3 more',
    'Traceback (most recent call last):\n  File "a.py", line 1, in f\nValueError: x\nE1114 22:13:20.123456 12 a.go:1] m\npanic: x\n\ngoroutine 1 [running]:\nmain.f()\n\t/a.go:1 +0x1',
  ),
}

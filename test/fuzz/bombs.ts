import { gzipSync } from 'node:zlib'
import snappy from 'snappy'
import { toProtobuf } from '../support/otlp.ts'
import { packed, writeRequest, writeRequest2 } from '../support/remote-write.ts'

/** A small record that is made to become a large one, or to take long. */
interface Bomb {
  readonly name: string
  /** Undefined: whatever it is recognized as. */
  readonly format?: string
  readonly bytes: () => Buffer
  readonly headers?: Readonly<Record<string, Buffer>>
  /** `read` when it is taken whole, `nothing` when it holds nothing to take, else the reason for which it is refused, whole or in part. */
  readonly ends: string
}

const mebibyte = 1024 * 1024
const nanos = '1700000000000000000'

/** `make` of 0, 1, 2… joined, up to a mebibyte. */
function filled(make: (i: number) => string, separator: string, room: number): string {
  const parts: string[] = []
  for (let i = 0, length = 0; length < room; i++) {
    const part = make(i)
    parts.push(part)
    length += part.length + separator.length
  }
  return parts.slice(0, -1).join(separator)
}

/** 60 tags as long as they may be. */
const tags = Array.from({ length: 60 }, (_, i) => [`${'k'.repeat(1_000)}${i}`, 'v'.repeat(1_000)] as const)
const attributes = tags.map(([key, value]) => ({ key, value: { stringValue: value } }))
const room = mebibyte - 150_000

const count = <T>(length: number, make: (i: number) => T): T[] => Array.from({ length }, (_, i) => make(i))

const manyRecords = (kind: 'Spans' | 'Logs', name: string, records: readonly object[]) => ({
  [`resource${kind}`]: [{ resource: { attributes }, [`scope${kind}`]: [{ scope: {}, [name]: records }] }],
})

/** A message of protobuf in which a field holds these bytes. */
function field(number: number, inside: Buffer): Buffer {
  const length: number[] = []
  for (let rest = inside.length; ; rest >>>= 7) {
    length.push(rest < 0x80 ? rest : (rest & 0x7f) | 0x80)
    if (rest < 0x80) break
  }
  return Buffer.concat([Buffer.of(number * 8 + 2, ...length), inside])
}

/** Logs whose body is a list in a list in a list… */
function nestedValues(depth: number): Buffer {
  let value = Buffer.alloc(0)
  for (let i = 0; i < depth; i++) value = Buffer.from(field(5, field(1, value)))
  return field(1, field(2, field(2, field(5, value))))
}

/** All at most a mebibyte, as `normalizer.maxMessageBytes` is by default. */
export const bombs: readonly Bomb[] = [
  { name: 'zeros in gzip', ends: 'too_large', bytes: () => gzipSync(Buffer.alloc(60 * mebibyte)) },
  {
    name: 'zeros in gzip in gzip',
    ends: 'unknown_format',
    bytes: () => gzipSync(gzipSync(Buffer.alloc(200 * mebibyte))),
  },
  {
    name: 'lists in gzip',
    ends: 'unparseable',
    format: 'json-logs',
    bytes: () => gzipSync('['.repeat(16 * mebibyte - 1)),
  },
  {
    name: 'a block of snappy that says to be large',
    ends: 'too_large',
    format: 'prometheus-remote-write',
    bytes: () => Buffer.concat([Buffer.of(0xff, 0xff, 0xff, 0xff, 0x0f), Buffer.alloc(1_000)]),
  },
  {
    name: 'zeros in snappy',
    ends: 'too_large',
    format: 'prometheus-remote-write',
    bytes: () => snappy.compressSync(Buffer.alloc(20 * mebibyte)),
  },
  {
    name: 'nothing but deflate',
    ends: 'undecodable',
    headers: { 'content-encoding': Buffer.from('deflate') },
    bytes: () => Buffer.alloc(mebibyte, 0x78),
  },
  {
    name: 'a line of many samples',
    ends: 'read',
    format: 'statsd',
    bytes: () => Buffer.from(`a:${filled(() => '1|c', ':', room)}`),
  },
  {
    name: 'lists of OTLP in lists',
    ends: 'unparseable',
    format: 'otlp-logs',
    bytes: () => nestedValues(5_000),
  },
  { name: 'open lists', ends: 'unknown_format', bytes: () => Buffer.from('['.repeat(mebibyte)) },
  {
    name: 'lists in lists',
    ends: 'unknown_format',
    bytes: () => Buffer.from('['.repeat(mebibyte / 2) + ']'.repeat(mebibyte / 2)),
  },
  {
    name: 'objects in objects',
    ends: 'unknown_format',
    bytes: () => Buffer.from(`${'{"a":'.repeat(170_000)}1${'}'.repeat(170_000)}`),
  },
  ...['ecs-json', 'json-logs', 'metricbeat', 'telegraf-json', 'collectd', 'docker-json', 'otlp-logs'].map(
    (format): Bomb => ({
      name: 'half a million empty lists',
      ends: 'unparseable',
      format,
      bytes: () => Buffer.from(`[${'[],'.repeat(349_000)}[]]`),
    }),
  ),
  {
    name: 'many fields with many long tags',
    ends: 'too_large',
    format: 'influx',
    bytes: () =>
      Buffer.from(
        `m,${tags.map(([key, value]) => `${key}=${value}`).join(',')} ${filled((i) => `${i.toString(36)}=1`, ',', room)}`,
      ),
  },
  {
    name: 'the same fields with many long tags in turn',
    ends: 'too_large',
    format: 'influx',
    bytes: () =>
      Buffer.from(
        `m,${tags.map(([key, value]) => `${key}=${value}`).join(',')} ${filled((i) => `${'abcdefghijklmnop'[i % 16]}=1`, ',', room)}`,
      ),
  },
  {
    name: 'many different fields',
    ends: 'read',
    format: 'influx',
    bytes: () => Buffer.from(`m ${filled((i) => `${i.toString(36)}=1`, ',', mebibyte)}`),
  },
  {
    name: 'many fields with many long tags',
    ends: 'too_large',
    format: 'telegraf-json',
    bytes: () =>
      Buffer.from(
        `{"name":"m","tags":${JSON.stringify(Object.fromEntries(tags))},"fields":{${filled((i) => `"${i.toString(36)}":1`, ',', room)}}}`,
      ),
  },
  {
    name: 'many numbers with many long labels',
    ends: 'too_large',
    format: 'metricbeat',
    bytes: () =>
      Buffer.from(
        `{"event":{"module":"m"},"metricset":{"name":"s"},"labels":${JSON.stringify(Object.fromEntries(tags.map(([key, value]) => [key.slice(20), value])))},"m":{${filled((i) => `"${i.toString(36)}":1`, ',', room)}}}`,
      ),
  },
  {
    name: 'many sources of one list',
    ends: 'too_large',
    format: 'collectd',
    bytes: () =>
      Buffer.from(
        JSON.stringify([
          {
            plugin: 'p'.repeat(500),
            type: 't'.repeat(500),
            host: 'h'.repeat(1_000),
            plugin_instance: 'i'.repeat(1_000),
            values: count(50_000, () => 1),
            dsnames: count(50_000, (i) => i.toString(36)),
            dstypes: count(50_000, () => 'gauge'),
            time: 1.7e9,
          },
        ]),
      ),
  },
  {
    name: 'one long tag for many series',
    ends: 'too_large',
    format: 'prometheus-remote-write',
    bytes: () =>
      packed(
        writeRequest2({
          symbols: ['', '__name__', 'm', ...tags.flat(), ...count(40, (i) => `u${i}`)],
          timeseries: count(3_000, (i) => ({
            labelsRefs: [1, 2, ...count(110, (k) => k + 3), 123 + (i % 40), 123 + (Math.floor(i / 40) % 40)],
            samples: [{ value: 1, timestamp: 1_700_000_000_000 }],
          })),
        }),
      ),
  },
  {
    name: 'many empty series',
    ends: 'nothing',
    format: 'prometheus-remote-write',
    bytes: () => packed(writeRequest({ timeseries: count(400_000, () => ({})) })),
  },
  {
    name: 'many points of a resource with many long attributes',
    ends: 'too_large',
    format: 'otlp-metrics',
    bytes: () =>
      toProtobuf('metrics', {
        resourceMetrics: [
          {
            scopeMetrics: [
              {
                scope: { attributes },
                metrics: [
                  {
                    name: 'm',
                    gauge: {
                      dataPoints: count(20_000, (i) => ({
                        timeUnixNano: nanos,
                        asDouble: 1,
                        attributes: [{ key: 'a', value: { stringValue: i.toString(36) } }],
                      })),
                    },
                  },
                ],
              },
            ],
          },
        ],
      }),
  },
  {
    name: 'many spans of a resource with many long attributes',
    ends: 'too_large',
    format: 'otlp-traces',
    bytes: () =>
      toProtobuf(
        'traces',
        manyRecords(
          'Spans',
          'spans',
          count(12_000, () => ({
            traceId: '5b8efff798038103d269b633813fc60c',
            spanId: 'eee19b7ec3c1b174',
            name: 's',
            startTimeUnixNano: nanos,
            endTimeUnixNano: nanos,
          })),
        ),
      ),
  },
  {
    name: 'many records of a resource with many long attributes',
    ends: 'too_large',
    format: 'otlp-logs',
    bytes: () =>
      toProtobuf(
        'logs',
        manyRecords(
          'Logs',
          'logRecords',
          count(40_000, () => ({ timeUnixNano: nanos, body: { stringValue: 'x' } })),
        ),
      ),
  },
  ...['json-logs', 'ecs-json'].map(
    (format): Bomb => ({
      name: 'many fields below a long name',
      ends: 'name_too_long',
      format,
      bytes: () =>
        Buffer.from(
          `{"message":"x","${'n'.repeat(mebibyte / 2)}":{${filled((i) => `"${i.toString(36)}":1`, ',', room / 2)}}}`,
        ),
    }),
  ),
  {
    name: 'many numbers below a long name',
    ends: 'name_too_long',
    format: 'metricbeat',
    bytes: () =>
      Buffer.from(
        `{"event":{"module":"m"},"metricset":{"name":"s"},"m":{"${'n'.repeat(mebibyte / 2)}":{${filled((i) => `"${i.toString(36)}":1`, ',', room / 2)}}}}`,
      ),
  },
  {
    name: 'many attributes below a long name',
    ends: 'name_too_long',
    format: 'otlp-logs',
    bytes: () =>
      toProtobuf('logs', {
        resourceLogs: [
          {
            scopeLogs: [
              {
                logRecords: [
                  {
                    timeUnixNano: nanos,
                    attributes: [
                      {
                        key: 'n'.repeat(mebibyte / 2),
                        value: {
                          kvlistValue: {
                            values: count(25_000, (i) => ({ key: i.toString(36), value: { intValue: 1 } })),
                          },
                        },
                      },
                    ],
                  },
                ],
              },
            ],
          },
        ],
      }),
  },
  ...['statsd', 'dogstatsd'].map(
    (format): Bomb => ({
      name: 'many values with many long tags',
      ends: 'read',
      format,
      bytes: () =>
        Buffer.from(
          `${tags.reduce((name, [key, value]) => `${name},${key}=${value}`, 'm')}:${'1:'.repeat(400_000)}1|ms|@0.0001`,
        ),
    }),
  ),
  {
    name: 'buckets that are not there',
    ends: 'too_large',
    format: 'prometheus-remote-write',
    bytes: () =>
      packed(
        writeRequest({
          timeseries: [
            {
              labels: [{ name: '__name__', value: 'h' }],
              histograms: count(8_000, () => ({
                countInt: 1,
                sum: 1,
                schema: 8,
                positiveSpans: [
                  { offset: 0, length: 1 },
                  { offset: 9_900, length: 0 },
                ],
                positiveDeltas: [1],
                timestamp: 1_700_000_000_000,
              })),
            },
          ],
        }),
      ),
  },
  {
    name: 'buckets that are not there',
    ends: 'too_large',
    format: 'prometheus-text',
    bytes: () =>
      Buffer.from(
        `# TYPE h histogram\n${filled((i) => `h{a="${i}"} {count:1,sum:1,schema:8,zero_threshold:0,zero_count:0,positive_spans:[0:1,9900:1],positive_buckets:[1,0]}`, '\n', mebibyte)}`,
      ),
  },
]

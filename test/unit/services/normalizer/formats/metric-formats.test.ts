import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formats } from '../../../../../services/normalizer/formats/registry.ts'
import { Payload } from '../../../../../services/normalizer/payload.ts'
import { normalize } from '../../../../support/normalize.ts'
import { packed, writeRequest, writeRequest2 } from '../../../../support/remote-write.ts'

const fixture = (path: string) => readFileSync(`test/fixtures/${path}`)
const json = (value: object) => JSON.stringify(value)

const samples: readonly (readonly [format: string, bytes: string | Buffer])[] = [
  ['influx', 'cpu,host=a user=1,system=2i 1700000000000000000'],
  ['influx', '# note\n\nmy\\ cpu,host=a\\ b user="x y" 1700000000000000000'],
  ['telegraf-json', json({ name: 'cpu', tags: {}, fields: { user: 1 }, timestamp: 1_700_000_000 })],
  ['telegraf-json', json({ metrics: [{ name: 'cpu', fields: { user: 1 }, timestamp: 1_700_000_000 }] })],
  ['prometheus-text', fixture('prometheus-text/node-exporter-textfile.prom')],
  ['prometheus-text', fixture('prometheus-text/telegraf-multiple.openmetrics')],
  ['prometheus-text', 'up{job="a",instance="b:9090"} 1'],
  ['prometheus-text', '{"a.b",c="d"} 1'],
  [
    'prometheus-remote-write',
    packed(writeRequest({ timeseries: [{ labels: [{ name: 'a', value: 'b' }] }] })),
  ],
  ['prometheus-remote-write', packed(writeRequest2({ symbols: ['', 'a', 'b'], timeseries: [] }))],
  ['statsd', 'gorets:1|c\ngaugor:3|g'],
  ['statsd', 'a,host=b:1|ms|@0.1'],
  ['dogstatsd', 'gorets:1|c|#env:prod,k=v w'],
  ['dogstatsd', '_e{5,4}:title|text'],
  ['graphite', 'servers.web1.load 1.5 1700000000'],
  ['graphite', 'disk.used;host=web1;dc=eu 42 1700000000'],
  ['collectd', fixture('collectd/write-http.json')],
  ['metricbeat', fixture('metricbeat/mysql-status.json')],
  ['metricbeat', fixture('metricbeat/zookeeper-mntr.json')],
  ['ecs-json', json({ '@timestamp': '2023-11-14T22:13:20Z', message: 'a', event: { module: 'nginx' } })],
]

describe('samples of the metric formats', () => {
  it.each(samples)('of %s are recognized as that and nothing else: %s', (name, bytes) => {
    const payload = new Payload(Buffer.from(bytes as string), {})
    expect(formats.filter((format) => format.recognizes(payload)).map((format) => format.name)).toEqual([
      name,
    ])
  })

  it('may come in any order in one topic', () => {
    const bytes = samples.map(([, sample]) => sample)
    for (const order of [bytes, bytes.toReversed()]) {
      const { out, logs } = normalize(order, { settings: { maxFutureMs: Number.POSITIVE_INFINITY } })
      expect(out.rejected).toEqual([])
      expect(logs.map(({ message }) => message).toSorted()).toEqual(['a', 'text'])
    }
  })
})

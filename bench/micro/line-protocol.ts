/** Our reader of line protocol, into nothing: `node bench/micro/line-protocol.ts`. Times are CPU time of this process. */
import { normalizerSection } from '../../services/normalizer/config.ts'
import type { Events } from '../../services/normalizer/format.ts'
import { influx } from '../../services/normalizer/formats/influx.ts'
import { Payload } from '../../services/normalizer/payload.ts'
import { fields, Workload } from '../harness/workload.ts'
import { report } from './measure.ts'

const workload = new Workload({ hosts: 2_000, windows: 1, samples: 10, windowMs: 10_000, startMs: 1.7e12 })
const lines = Array.from({ length: workload.size.hosts * 10 }, (_, i) =>
  Buffer.from(workload.line(i % workload.size.hosts, Math.floor(i / workload.size.hosts))),
)

const ref = {
  series: { metric: '', tags: [], kind: 'gauge', unit: '' },
  partition: 0,
  batch: 0,
  index: 0,
  bytes: 0,
  decimals: 0,
  limit: undefined,
} as const
const events: Events = {
  only: undefined,
  defaultTime: 0,
  series: () => ({ ...ref }),
  timeProblem: () => undefined,
  part: () => undefined,
  point: () => undefined,
  histogram: () => undefined,
  log: () => undefined,
  line: () => undefined,
  span: () => undefined,
  refuse: (_, reason) => {
    throw new Error(reason)
  },
  skipField: () => undefined,
}
const reader = influx.createReader(normalizerSection.schema.parse({}))

report('reading a point of line protocol, 5 in a message', lines.length * fields.length, 10, () => {
  for (const line of lines) reader.read(new Payload(line, {}), events)
})

const together = Buffer.concat(lines.slice(0, 500).flatMap((line) => [line, Buffer.from('\n')]))
report('reading a point of line protocol, 2,500 in a message', 500 * fields.length, 400, () => {
  reader.read(new Payload(together, {}), events)
})

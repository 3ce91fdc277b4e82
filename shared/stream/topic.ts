import type { RecordName } from '../avro/schemas.ts'
import type {
  Anomaly,
  DeadLetter,
  ExpectationBatch,
  Finding,
  Incident,
  LogBatch,
  Marker,
  PartialBatch,
  PeerBatch,
  PointBatch,
  SpanBatch,
  WindowBatch,
} from '../avro/types.ts'

/** A topic of Tidemark's own: its name on the cluster and the schema of its records. */
export interface Topic<T> {
  readonly name: string
  readonly schema: RecordName
  /** Never set: it carries the record's type, so that the compiler refuses a wrong value. */
  readonly record?: T
}

export interface Topics {
  readonly points: Topic<PointBatch>
  readonly partials: Topic<PartialBatch>
  readonly logs: Topic<LogBatch>
  readonly spans: Topic<SpanBatch>
  readonly windows: Topic<WindowBatch>
  readonly anomalies: Topic<Anomaly>
  readonly findings: Topic<Finding>
  readonly incidents: Topic<Incident>
  readonly peers: Topic<PeerBatch>
  readonly expectations: Topic<ExpectationBatch>
  readonly markers: Topic<Marker>
  readonly late: Topic<PointBatch>
  readonly deadletter: Topic<DeadLetter>
  readonly parking: Topic<DeadLetter>
}

/** The topics under a prefix, `telemetry` by default. */
export function topicsOf(prefix: string): Topics {
  return {
    points: { name: `${prefix}.points`, schema: 'PointBatch' },
    partials: { name: `${prefix}.partials`, schema: 'PartialBatch' },
    logs: { name: `${prefix}.logs`, schema: 'LogBatch' },
    spans: { name: `${prefix}.spans`, schema: 'SpanBatch' },
    windows: { name: `${prefix}.windows`, schema: 'WindowBatch' },
    anomalies: { name: `${prefix}.anomalies`, schema: 'Anomaly' },
    findings: { name: `${prefix}.findings`, schema: 'Finding' },
    incidents: { name: `${prefix}.incidents`, schema: 'Incident' },
    peers: { name: `${prefix}.peers`, schema: 'PeerBatch' },
    expectations: { name: `${prefix}.expectations`, schema: 'ExpectationBatch' },
    markers: { name: `${prefix}.markers`, schema: 'Marker' },
    late: { name: `${prefix}.late`, schema: 'PointBatch' },
    deadletter: { name: `${prefix}.deadletter`, schema: 'DeadLetter' },
    parking: { name: `${prefix}.parking`, schema: 'DeadLetter' },
  }
}

/** The compacted topic in which the task of an own topic keeps its long state, one partition for each of the input: `telemetry.state.points`. */
export function stateTopicOf(prefix: string, topic: Topic<unknown>): string {
  return `${prefix}.state.${topic.name.slice(prefix.length + 1)}`
}

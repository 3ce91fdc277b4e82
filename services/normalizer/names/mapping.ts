import type { SeriesKind } from '../../../shared/avro/types.ts'

/** One line of the tables: how an agent calls a metric, and what OpenTelemetry calls it. */
export interface Mapping {
  /** The metric's name, as the normalizer makes it of what the agent sends. */
  readonly from: string
  /** Tags that must have these values; `*` is any. Of several lines for one name the first that fits counts. */
  readonly where?: Readonly<Record<string, string>>
  readonly to: string
  /** UCUM. */
  readonly unit: string
  readonly kind: Extract<SeriesKind, 'gauge' | 'counter' | 'delta'>
  /** By the agent's key; other tags stay as they are. */
  readonly tags?: Readonly<Record<string, TagMapping>>
  /** Tags that the agent tells by the name. */
  readonly set?: Readonly<Record<string, string>>
  /** The value is multiplied, then divided, then shifted: 100 divides exactly where 0.01 would not multiply so. */
  readonly times?: number
  readonly dividedBy?: number
  readonly plus?: number
  /** UCUM unit of what the agent sends, where the value is converted. A series that tells another unit keeps its name. */
  readonly fromUnit?: string
}

/** The new key, and how values change that are called otherwise; null leaves the tag out. */
export interface TagMapping {
  readonly to: string
  readonly values?: Readonly<Record<string, string | null>>
  /** What is cut off the beginning of a value. */
  readonly without?: string
}

/** What one agent, or one exporter, sends of one subject. */
export interface MappingGroup {
  readonly agent: string
  readonly subject: string
  readonly mappings: readonly Mapping[]
}

/** Parts of lines that come often. */
export const percent = { unit: '1', kind: 'gauge', dividedBy: 100, fromUnit: '%' } as const
export const fraction = { unit: '1', kind: 'gauge' } as const
export const bytes = { unit: 'By', kind: 'gauge' } as const
export const byteCounter = { unit: 'By', kind: 'counter' } as const
export const seconds = { unit: 's', kind: 'gauge' } as const
export const secondsCounter = { unit: 's', kind: 'counter' } as const
export const millisecondsCounter = { unit: 's', kind: 'counter', dividedBy: 1_000, fromUnit: 'ms' } as const
export const milliseconds = { unit: 's', kind: 'gauge', dividedBy: 1_000, fromUnit: 'ms' } as const
/** Of things, such as `{packet}`. */
export const counter = (thing: string) => ({ unit: `{${thing}}`, kind: 'counter' }) as const
export const gauge = (thing: string) => ({ unit: `{${thing}}`, kind: 'gauge' }) as const

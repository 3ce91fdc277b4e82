/** What is counted: points that were taken, and bytes of raw records. */
export const resources = ['points', 'bytes'] as const
export type Resource = (typeof resources)[number]

/** What a tenant may use a second in one partition, Infinity without a limit, and how much it counts among others. */
export interface Terms {
  /** Of its quota in the configuration; -1 without one. */
  readonly index: number
  readonly points: number
  readonly bytes: number
  /** That differ in one window. */
  readonly series: number
  readonly weight: number
}

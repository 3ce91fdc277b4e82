import type { Progress } from './progress.ts'
import type { RunningServer, ServerName } from './server.ts'

/** How the servers are reached; `influx` is absent where it can't be had. */
export interface StackAddresses {
  readonly kafka: { readonly brokers: readonly string[] }
  readonly registry: { readonly url: string }
  readonly influx?: {
    readonly url: string
    readonly token: string
    readonly org: string
    readonly bucket: string
  }
  readonly elasticsearch: { readonly url: string }
  /** Web consoles by name, where there are any. */
  readonly consoles: Readonly<Record<string, string>>
}

/** Kafka, registry, InfluxDB and Elasticsearch, running. */
export interface Stack {
  readonly kind: 'docker' | 'local'
  readonly addresses: StackAddresses
  /** For stopping and starting one of them; those of a stack that another process started can't be started again. */
  readonly servers: ReadonlyMap<ServerName, RunningServer>
  /** What could not be started on this machine, and what to do about it. */
  readonly leftOut: readonly { readonly server: ServerName; readonly why: string }[]
  stop(): Promise<void>
}

export interface StackOptions {
  /** For data, logs and the note of what runs. */
  readonly directory: string
  readonly progress: Progress
  readonly signal?: AbortSignal
  /** By default all. */
  readonly servers?: readonly ServerName[]
  /** It runs on when this process ends; by default what is left of it then is removed at the next start. */
  readonly detached?: boolean
}

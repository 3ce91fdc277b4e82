import type { Payload } from '../../payload.ts'

/** Who wrote a log event, where the event itself does not say. */
export interface Origin {
  readonly service: string
  readonly host: string
}

const maxLength = 256

/** From the record's headers `service.name` and `host.name`; without them the service is unknown and the host empty. */
export const originOf = (payload: Payload): Origin => ({
  service: payload.header('service.name')?.slice(0, maxLength).toWellFormed() || 'unknown',
  host: payload.header('host.name')?.slice(0, maxLength).toWellFormed() ?? '',
})

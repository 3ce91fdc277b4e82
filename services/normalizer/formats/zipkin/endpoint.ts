import { isUnset } from '../../protobuf/unset.ts'
import { messageOf } from '../otlp/message.ts'
import { integerOf, textOf } from '../otlp/values.ts'

/** One side of a connection; what is not known is empty. */
export interface Endpoint {
  readonly service: string
  readonly address: string
  readonly port: string
}

const nowhere: Endpoint = { service: '', address: '', port: '' }

/** Throws BadRecordError when it is no endpoint. */
export function endpointOf(value: unknown): Endpoint {
  if (value === undefined || value === null) return nowhere
  const endpoint = messageOf(value, 'an endpoint')
  const port = integerOf(endpoint.port, 'a port')
  return {
    service: textOf(endpoint.serviceName, 'serviceName'),
    address: addressOf(endpoint.ipv4) || addressOf(endpoint.ipv6),
    port: port > 0 && port < 65_536 ? String(port) : '',
  }
}

function addressOf(value: unknown): string {
  if (isUnset(value)) return ''
  if (!Buffer.isBuffer(value)) return textOf(value, 'an address')
  if (value.length === 4) return value.join('.')
  if (value.length !== 16) return ''
  const groups = Array.from({ length: 8 }, (_, i) => value.readUInt16BE(2 * i).toString(16))
  // The shortest spelling, as every URL has it.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1)
}

import snappy from 'snappy'
import { typeIn } from '../../services/normalizer/protobuf/message-type.ts'

/** A request of remote write 1; names are those of JSON in protobuf. */
export const writeRequest = (json: object) =>
  encoded('prometheus/remote.proto', 'prometheus.WriteRequest', json)

/** A request of remote write 2. */
export const writeRequest2 = (json: object) =>
  encoded('io/prometheus/write/v2/types.proto', 'io.prometheus.write.v2.Request', json)

export const packed = (message: Buffer): Buffer => snappy.compressSync(message)

function encoded(file: string, name: string, json: object): Buffer {
  const type = typeIn(file, name)
  return Buffer.from(type.encode(type.fromObject(json as never)).finish())
}

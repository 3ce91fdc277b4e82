import protobuf from 'protobufjs'

/** An integer of 64 bits, as decoders hand it on. */
export interface Long {
  readonly low: number
  readonly high: number
  readonly unsigned: boolean
}

export const isLong = (value: unknown): value is Long => value instanceof protobuf.util.Long

/** Rounded beyond 2^53. */
export const numberOfLong = ({ low, high, unsigned }: Long) =>
  (unsigned ? high >>> 0 : high) * 4_294_967_296 + (low >>> 0)

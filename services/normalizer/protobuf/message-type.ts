import { join } from 'node:path'
import protobuf from 'protobufjs'
import { BadRecordError } from '../../../shared/errors.ts'
import { shareMessages } from './shared-messages.ts'
import { StrictReader } from './strict-reader.ts'

/**
 * One message of a published protobuf definition. Names are in camelCase; integers of 64 bits come as `Long`, bytes as parts of what was
 * given; what is not there has the default of its type, or null where its presence is told (messages, `optional`, members of a `oneof`).
 */
export interface MessageType<T> {
  /** Throws BadRecordError when the bytes are no such message. Fields that the definition does not know are passed over. */
  decode(bytes: Buffer): T
}

interface MessageOptions {
  /** Fields, by full name, that are passed over like unknown ones: to decode them costs time, and nobody asks for them. */
  readonly unread?: readonly string[]
  /** Messages within, by full name, that repeat: each is decoded once, and stands for itself as what is made of it. */
  readonly shared?: Readonly<Record<string, (message: object) => object>>
}

/**
 * Reads a definition and the ones it imports, all from this folder, and makes a decoder of it. `file` is a path in this folder, `name` the
 * full name of a message.
 */
export function messageType<T extends object>(
  file: string,
  name: string,
  { unread = [], shared = {} }: MessageOptions = {},
): MessageType<T> {
  const type = typeIn(file, name)
  for (const path of unread) {
    const dot = path.lastIndexOf('.')
    const owner = type.root.lookupType(path.slice(0, dot))
    owner.remove(owner.get(path.slice(dot + 1))!)
  }
  for (const [inner, make] of Object.entries(shared)) shareMessages(type.root.lookupType(inner), make)
  return {
    decode(bytes) {
      try {
        return type.decode(new StrictReader(bytes)) as unknown as T
      } catch (error) {
        throw new BadRecordError('unparseable', `not a ${name} in protobuf: ${(error as Error).message}`)
      }
    },
  }
}

/** The message's definition, which can also encode. */
export function typeIn(file: string, name: string): protobuf.Type {
  const root = new protobuf.Root()
  root.resolvePath = (_, target) => join(import.meta.dirname, target)
  root.loadSync(file)
  markUnset(root)
  return root.lookupType(name)
}

/** Of a choice (`oneof`), members that are not set read as null; the package would give 0 or an empty text. */
function markUnset(namespace: protobuf.NamespaceBase): void {
  for (const inner of namespace.nestedArray) {
    if (inner instanceof protobuf.Type)
      for (const { fieldsArray } of inner.oneofsArray)
        for (const { name } of fieldsArray) Object.assign(inner.ctor.prototype, { [name]: null })
    if (inner instanceof protobuf.Namespace) markUnset(inner)
  }
}

import { estimate, maxRank, raise, registerCount } from './registers.ts'

/** So many members are kept as they are: as many as take less room than registers do. */
export const exactMembers = 2_048

/** Whether a point of a set may have this value. */
export const isMember = (value: number) => Number.isInteger(value) && value >= 0 && value < 2 ** 48

/**
 * The byte form, version 1:
 *
 *     1, 0   up to 2,048 members in ascending order, six bytes each, the highest first
 *     1, 1   registers of HyperLogLog, see registers.ts, a byte each
 */
const version = 1
const forms = { members: 0, registers: 1 } as const
const headBytes = 2
const memberBytes = 6

/**
 * The members of a set in one window, each a whole number below 2^48: as they are while they are few, in registers from
 * then on. What it holds is a function of which members came, not of their order, of how often they came, or of what was
 * merged with what; so are its bytes.
 */
export class MemberSet {
  /** A table with open addressing. 0 is an empty place, so that each member is held as itself plus 1. */
  #table = new Float64Array(8)
  #size = 0
  /** Takes the place of the table. */
  #registers: Uint8Array | undefined

  /** How many different members there are, or an estimate of it. */
  get distinct(): number {
    return this.#registers ? estimate(this.#registers) : this.#size
  }

  add(member: number): void {
    if (this.#registers) raise(this.#registers, member)
    else if (this.#enter(member)) this.#makeRoom()
  }

  merge(other: MemberSet): void {
    if (other.#registers) this.#mergeRegisters(other.#registers)
    else for (const place of other.#table) if (place > 0) this.add(place - 1)
  }

  toBytes(): Buffer {
    if (this.#registers) return Buffer.concat([Buffer.of(version, forms.registers), this.#registers])
    const members = this.#table.filter((place) => place > 0).sort()
    const bytes = Buffer.alloc(headBytes + memberBytes * members.length)
    bytes[0] = version
    bytes[1] = forms.members
    for (const [i, place] of members.entries())
      bytes.writeUIntBE(place - 1, headBytes + memberBytes * i, memberBytes)
    return bytes
  }

  /** Throws RangeError for bytes of another form, or that are damaged. */
  mergeBytes(encoded: Uint8Array): void {
    const bytes = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.length)
    if (bytes[0] !== version) throw new RangeError(`not members of version ${version}`)
    if (bytes[1] === forms.registers) this.#mergeRegisters(registersIn(bytes))
    else if (bytes[1] === forms.members) for (const member of membersIn(bytes)) this.add(member)
    else throw new RangeError('members in no known form')
  }

  /** Whether it is a new one. */
  #enter(member: number): boolean {
    const table = this.#table
    const mask = table.length - 1
    // Members are spread evenly, in their lowest bits too.
    let at = member & mask
    while (table[at]! > 0) {
      if (table[at] === member + 1) return false
      at = (at + 1) & mask
    }
    table[at] = member + 1
    this.#size++
    return true
  }

  #makeRoom(): void {
    if (this.#size > exactMembers) this.#toRegisters()
    else if (2 * this.#size > this.#table.length) {
      const members = this.#table
      this.#table = new Float64Array(2 * members.length)
      this.#size = 0
      for (const place of members) if (place > 0) this.#enter(place - 1)
    }
  }

  #toRegisters(): Uint8Array {
    const registers = new Uint8Array(registerCount)
    for (const place of this.#table) if (place > 0) raise(registers, place - 1)
    this.#registers = registers
    this.#table = none
    return registers
  }

  #mergeRegisters(others: Uint8Array): void {
    const registers = this.#registers ?? this.#toRegisters()
    for (let i = 0; i < registerCount; i++) if (others[i]! > registers[i]!) registers[i] = others[i]!
  }
}

const none = new Float64Array(0)

function registersIn(bytes: Buffer): Uint8Array {
  const registers = bytes.subarray(headBytes)
  if (registers.length !== registerCount || registers.some((rank) => rank > maxRank))
    throw new RangeError('malformed registers')
  return registers
}

function membersIn(bytes: Buffer): readonly number[] {
  const length = (bytes.length - headBytes) / memberBytes
  if (!Number.isInteger(length) || length > exactMembers) throw new RangeError('malformed members')
  const members = Array.from({ length }, (_, i) => bytes.readUIntBE(headBytes + memberBytes * i, memberBytes))
  if (members.some((member, i) => i > 0 && member <= members[i - 1]!))
    throw new RangeError('members that are not in order')
  return members
}

/** Numbers in [0, 1). */
type Random = () => number

/** What a mutation may take from besides the input: another right sample. */
export interface Surroundings {
  readonly other: Buffer
  readonly random: Random
}

type Mutation = (bytes: Buffer, surroundings: Surroundings) => Buffer

/** Larger inputs are tested elsewhere, one by one: here many small ones are worth more. */
export const maxInputBytes = 65_536

const upTo = (limit: number, random: Random) => Math.floor(random() * limit)
const oneOf = <T>(all: readonly T[], random: Random): T => all[upTo(all.length, random)]!

/** A piece of the input: [from, to). */
function anyPiece(length: number, random: Random, longest = length): readonly [from: number, to: number] {
  const from = upTo(length + 1, random)
  return [from, Math.min(length, from + upTo(longest + 1, random))]
}

const replaced = (bytes: Buffer, from: number, to: number, by: string | Uint8Array) =>
  Buffer.concat([bytes.subarray(0, from), Buffer.from(by as string), bytes.subarray(to)])

const insert = (bytes: Buffer, by: string | Uint8Array, random: Random) => {
  const at = upTo(bytes.length + 1, random)
  return replaced(bytes, at, at, by)
}

const numbers = [
  '0',
  '-0',
  '-1',
  '1e308',
  '-1e308',
  '1e309',
  '1e-320',
  'NaN',
  'nan',
  '+Inf',
  '-Inf',
  'Infinity',
  '0x1p4',
  '1_0',
  '9007199254740993',
  '18446744073709551615',
  '-9223372036854775808',
  '99999999999999999999999999',
  '4294967296',
  '2147483648',
  '1700000000',
  '253402300800000',
  '8640000000000001',
  '0.1e',
  '1e',
  '.',
  '-',
  '00',
  '1700000000000000000',
] as const

const names = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'toJSON',
  'hasOwnProperty',
  'length',
  'then',
  '',
] as const

/** What means something to one format or another. */
const tokens = [
  '{',
  '}',
  '[',
  ']',
  '"',
  '\\',
  '\\"',
  ',',
  ':',
  ';',
  '=',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '\0',
  '|',
  '#',
  '@',
  '<',
  '>',
  '-',
  '/',
  '.',
  '%',
  "'",
  '\\u0000',
  '\\ud800',
  '\ud83d\ude00',
  '\ufeff',
  '\u2028',
  'null',
  'true',
  '[]',
  '{}',
  '""',
  '{"__proto__":{"polluted":1}}',
  '{"toString":1,"valueOf":1}',
  '{"length":1e9}',
  '[null]',
  '# TYPE a histogram\n',
  'le="+Inf"',
  '{count:',
  '_e{9,9}:',
  '<191>',
  '99999999 <14>',
  '\tat ',
  'Caused by: ',
  '|@1e-9',
  '|#',
  '1|c',
] as const

const badUtf8 = [
  Buffer.of(0xff),
  Buffer.of(0xc0, 0x80),
  Buffer.of(0xed, 0xa0, 0x80),
  Buffer.of(0xf4, 0x90, 0x80, 0x80),
  Buffer.of(0xe2, 0x82),
] as const

/** Lengths of protobuf that lead far beyond their message, or are no number. */
const lengths = [
  Buffer.of(0xff, 0xff, 0xff, 0xff, 0x0f),
  Buffer.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
  Buffer.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80),
  Buffer.of(0xff, 0x7f),
  Buffer.of(0x00),
] as const

/** The ways in which bytes go wrong, or are made to, by name. */
export const mutations: Readonly<Record<string, Mutation>> = {
  flipBit(bytes, { random }) {
    if (bytes.length === 0) return bytes
    const changed = Buffer.from(bytes)
    changed[upTo(bytes.length, random)]! ^= 1 << upTo(8, random)
    return changed
  },
  anyByte(bytes, { random }) {
    if (bytes.length === 0) return bytes
    const changed = Buffer.from(bytes)
    changed[upTo(bytes.length, random)] = upTo(256, random)
    return changed
  },
  truncate: (bytes, { random }) => bytes.subarray(0, upTo(bytes.length, random)),
  behead: (bytes, { random }) => bytes.subarray(upTo(bytes.length, random)),
  remove(bytes, { random }) {
    const [from, to] = anyPiece(bytes.length, random, 64)
    return replaced(bytes, from, to, '')
  },
  repeat(bytes, { random }) {
    const [from, to] = anyPiece(bytes.length, random, 256)
    const times = oneOf([2, 2, 3, 10, 1_000], random)
    return replaced(bytes, from, to, Buffer.concat(new Array<Buffer>(times).fill(bytes.subarray(from, to))))
  },
  splice(bytes, { other, random }) {
    const [from, to] = anyPiece(bytes.length, random)
    const [otherFrom, otherTo] = anyPiece(other.length, random)
    return replaced(bytes, from, to, other.subarray(otherFrom, otherTo))
  },
  editNumber: (bytes, { random }) =>
    replaceMatch(bytes, /-?\d[\d.]*(e[+-]?\d+)?/gi, oneOf(numbers, random), random),
  editText: (bytes, { random }) =>
    replaceMatch(bytes, /[a-z_@][\w.@]*/gi, oneOf([...names, ...tokens], random), random),
  editValue: (bytes, { random }) =>
    replaceMatch(bytes, /"[^"]*"|-?\d[\d.]*|\[\]|\{\}/g, oneOf([...tokens, ...numbers], random), random),
  token: (bytes, { random }) => insert(bytes, oneOf(tokens, random), random),
  badUtf8: (bytes, { random }) => insert(bytes, oneOf(badUtf8, random), random),
  length(bytes, { random }) {
    const at = upTo(bytes.length + 1, random)
    return replaced(bytes, at, at + upTo(3, random), oneOf(lengths, random))
  },
  nest(bytes, { random }) {
    const depth = oneOf([3, 25, 300, 8_000], random)
    const [open, inner, close] = oneOf(
      [
        ['[', '', ']'],
        ['{"a":', '1', '}'],
        ['[[', '{}', ']]'],
        ['{"values":[', '', ']}'],
        ['"', '', ''],
        ['\\', '', ''],
      ] as const,
      random,
    )
    const nested = open.repeat(depth) + inner + close.repeat(depth)
    return random() < 0.5
      ? insert(bytes, nested, random)
      : replaceMatch(bytes, /"[^"]*"|-?\d[\d.]*/g, nested, random)
  },
  lengthen(bytes, { random }) {
    const long = oneOf(['a', 'é', '1', ' ', '\\', '_', '.', '-', 'a=1,', 'a,'], random).repeat(
      oneOf([200, 2_000, 20_000], random),
    )
    return random() < 0.5 ? insert(bytes, long, random) : replaceMatch(bytes, /\w+/g, long, random)
  },
}

/** Puts a text in place of one of those that match, if there are any. */
function replaceMatch(bytes: Buffer, pattern: RegExp, by: string, random: Random): Buffer {
  // One character a byte, so that what is no text stays as it is.
  const found = [...bytes.toString('latin1').matchAll(pattern)]
  const match = found[upTo(found.length, random)]
  return match ? replaced(bytes, match.index, match.index + match[0].length, by) : bytes
}

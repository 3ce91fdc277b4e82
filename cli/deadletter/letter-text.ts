import type { DeadLetter } from '../../shared/avro/types.ts'
import { bytesText, shortBytesText } from './bytes-text.ts'
import { partOf } from './choose.ts'
import type { LetterPlace } from './filter.ts'
import { placeText } from './place.ts'
import { excerpt, printable } from './printable.ts'
import type { Shelf } from './shelf.ts'

/** Shown of one letter. */
const maxHeaders = 50
const maxRejections = 20

/** Everything about one letter for a person, of its value `maxBytes` at most. No content can drive the terminal. */
export function letterText(shelf: Shelf, letter: DeadLetter, place: LetterPlace, maxBytes: number): string {
  const { stage, reason, detail, timestamp, key, value, headers, rejections } = letter
  const who = shelf.whoOf(letter)
  const lines = [
    `${shelf.heading.padEnd(12)} ${placeText(place)}`,
    `${shelf.done.padEnd(12)} ${iso(place.timestamp)} by ${printable(stage)}`,
    `reason       ${printable(reason)}`,
    `detail       ${excerpt(detail, 2_000)}`,
    `record       ${printable(placeText(letter))}, ${iso(timestamp)}`,
    ...(who === undefined ? [] : [`${shelf.who.padEnd(12)} ${excerpt(who, 255)}`]),
    `key          ${key ? shortBytesText(key) : 'none'}`,
    ...(rejections.length > 0
      ? [`parts        ${number(countOf(rejections))} ${shelf.done}, counted from 0; the others went on`]
      : []),
    ...rejections
      .slice(0, maxRejections)
      .map(
        (one) =>
          `  ${partOf(one)}  ${printable(one.reason)}${one.detail === '' ? '' : `: ${excerpt(one.detail, 300)}`}`,
      ),
    ...more(countOf(rejections.slice(maxRejections)), 'parts'),
    ...(headers.length > 0 ? ['headers'] : []),
    ...headers
      .slice(0, maxHeaders)
      .map(({ key, value }) => `  ${excerpt(key, 200)}: ${shortBytesText(value)}`),
    ...more(headers.length - maxHeaders, 'headers'),
  ]
  if (!value) return [...lines, 'value        none', ''].join('\n')
  lines.push(`value        ${number(value.length)} bytes`, bytesText(value, maxBytes))
  if (value.length > maxBytes)
    lines.push(
      `… ${number(value.length - maxBytes)} bytes more: --max-bytes shows more, --raw writes them all.`,
    )
  return `${lines.join('\n')}\n`
}

const countOf = (parts: DeadLetter['rejections']) => parts.reduce((sum, { count }) => sum + count, 0)
const more = (count: number, what: string) => (count > 0 ? [`  … ${number(count)} ${what} more`] : [])
const number = (value: number) => value.toLocaleString('en')

/** A producer may have chosen a time that no date has. */
const iso = (time: number) => {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? `time ${time}` : date.toISOString()
}

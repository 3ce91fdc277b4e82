import type { DeadLetter } from '../../shared/avro/types.ts'
import type { LetterPlace } from './filter.ts'
import { placeText } from './place.ts'
import { excerpt, printableJson } from './printable.ts'
import type { Shelf } from './shelf.ts'

/** Letters that were set aside alike. Times are milliseconds. */
export interface Group {
  readonly stage: string
  readonly reason: string
  readonly topic: string
  /** Of a parked record its tenant. Null when it is not known, or when there are too many to tell them apart. */
  readonly producer: string | null
  count: number
  first: number
  last: number
  /** The latest of them. */
  example: { position: string; detail: string }
}

/** Counts letters in bounded memory, however many there are and whatever strangers call themselves. */
export class Summary {
  readonly #groups = new Map<string, Group>()
  readonly #maxGroups: number
  /** Letters that were looked at. */
  seen = 0
  /** Letters that fit the filter. */
  count = 0
  /** Records in the topic that are no dead letters. */
  unreadable = 0
  /** Letters that are in no group, because there are too many groups. */
  ungrouped = 0

  readonly shelf: Shelf

  constructor(shelf: Shelf, maxGroups = 10_000) {
    this.shelf = shelf
    this.#maxGroups = maxGroups
  }

  add(letter: DeadLetter, place: LetterPlace): void {
    this.count++
    const group = this.#groupOf(letter, place)
    if (!group) {
      this.ungrouped++
      return
    }
    group.count++
    group.first = Math.min(group.first, place.timestamp)
    if (place.timestamp < group.last) return
    group.last = place.timestamp
    group.example = { position: placeText(place), detail: letter.detail.slice(0, 500) }
  }

  /** The largest first. */
  groups(): readonly Group[] {
    return [...this.#groups.values()].sort((one, other) => other.count - one.count)
  }

  /** When there are many producers, those that come new are counted together. */
  #groupOf(letter: DeadLetter, place: LetterPlace): Group | undefined {
    const { stage, reason, topic } = letter
    const producer = this.shelf.whoOf(letter) ?? null
    for (const [name, limit] of [
      [producer, this.#maxGroups],
      [null, this.#maxGroups * 2],
    ] as const) {
      const key = JSON.stringify([stage, reason, topic, name])
      const known = this.#groups.get(key)
      if (known) return known
      if (this.#groups.size >= limit) continue
      const group: Group = {
        ...{ stage, reason, topic, producer: name, count: 0 },
        first: place.timestamp,
        last: place.timestamp,
        example: { position: placeText(place), detail: '' },
      }
      this.#groups.set(key, group)
      return group
    }
    return undefined
  }
}

/** For a person: the `limit` largest groups. */
export function summaryText(summary: Summary, topic: string, limit: number): string {
  const groups = summary.groups()
  const { many, by } = summary.shelf
  const lines: string[] = []
  if (summary.count === 0)
    lines.push(
      summary.seen === 0
        ? `There are no ${many} in ${topic}.`
        : `None of the ${many} in ${topic} is asked for (${number(summary.seen)} looked at).`,
    )
  else lines.push(`${number(summary.count)} ${many} in ${topic}:`)
  for (const { count, reason, stage, topic, producer, first, last, example } of groups.slice(0, limit)) {
    const from = producer === null ? '' : `, ${by} ${excerpt(producer, 80)}`
    lines.push(
      '',
      `${number(count)}  ${excerpt(reason, 80)}  by ${excerpt(stage, 80)}, of ${excerpt(topic, 249)}${from}`,
      `  ${iso(first)}${last > first ? ` to ${iso(last)}` : ''}`,
      `  ${example.position}: ${excerpt(example.detail, 300)}`,
    )
  }
  if (groups.length > limit)
    lines.push('', `${number(groups.length - limit)} groups more: --limit shows them.`)
  if (summary.ungrouped > 0)
    lines.push('', `${number(summary.ungrouped)} are in none of the groups: there are too many.`)
  if (summary.unreadable > 0)
    lines.push('', `${number(summary.unreadable)} records in the topic are no ${many}.`)
  return `${lines.join('\n')}\n`
}

/** For programs. Times are ISO 8601. */
export function summaryJson(summary: Summary, topic: string, limit: number): string {
  const { count, unreadable, ungrouped } = summary
  const all = summary.groups()
  const groups = all
    .slice(0, limit)
    .map(({ first, last, ...group }) => ({ ...group, first: iso(first), last: iso(last) }))
  const document = { topic, count, unreadable, ungrouped, groupsLeftOut: all.length - groups.length, groups }
  return `${printableJson(document)}\n`
}

const number = (value: number) => value.toLocaleString('en')
const iso = (time: number) => new Date(time).toISOString()

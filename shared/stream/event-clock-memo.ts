import type { EventTime } from './task.ts'

/** What an event clock knows of one source. */
export interface SourceTime {
  /** -Infinity when it was not heard of yet, or has shown no event. */
  maxEventTime: EventTime
  readUpTo: number
  /** On the clock of the log: `activeMs`. */
  lastSeenMs: number
  /** null when it does not tell. */
  isIdle: boolean | null
}

export interface Topic {
  /** Whose partitions are expected, from the first on. */
  partitions: number
  readonly sources: Map<number, SourceTime>
  /** Partitions that are not waited for because they are idle. Only told of, not remembered: it follows from the rest, except of sources that were forgotten. */
  readonly idle: Set<number>
}

/** The state of an event clock. */
interface ClockState {
  readonly watermark: EventTime
  readonly appendedAt: number
  readonly activeMs: number
  readonly topics: ReadonlyMap<string, Topic>
}

/**
 * In base 36: `watermark;appendedAt;activeMs` and for each topic `;name=partitions,source,source…`, a source being
 * `partition.maxEventTime.readUpTo.lastSeen`, where times are distances from `appendedAt` and from `activeMs`, and an
 * empty maxEventTime means that there was none; `.i` follows when it is idle, `.o` when it says that it is not.
 */
export function writeClock({ watermark, appendedAt, activeMs, topics }: ClockState): string {
  const texts = [...topics].map(([name, { partitions, sources }]) => {
    const columns = [...sources].map(([partition, { maxEventTime, readUpTo, lastSeenMs, isIdle }]) =>
      [
        base36(partition),
        maxEventTime === -Infinity ? '' : base36(appendedAt - maxEventTime),
        base36(appendedAt - readUpTo),
        base36(activeMs - lastSeenMs),
        ...(isIdle === null ? [] : [isIdle ? 'i' : 'o']),
      ].join('.'),
    )
    return `${encodeURIComponent(name)}=${[base36(partitions), ...columns].join(',')}`
  })
  return [
    watermark === -Infinity ? '' : base36(watermark),
    base36(appendedAt),
    base36(activeMs),
    ...texts,
  ].join(';')
}

/** Throws RangeError when it was not written by `writeClock`. */
export function readClock(memo: string): ClockState {
  const [watermark, appended, active, ...texts] = memo.split(';')
  const appendedAt = parse(appended)
  const activeMs = parse(active)
  const topics = texts.map((text): [string, Topic] => {
    const [name = '', columns = ''] = text.split('=')
    const [partitions, ...sources] = columns.split(',')
    const read = (source: string): [number, SourceTime] => {
      const [partition, behind, unread, unseen, idle] = source.split('.')
      return [
        parse(partition),
        {
          maxEventTime: behind === '' ? -Infinity : appendedAt - parse(behind),
          readUpTo: appendedAt - parse(unread),
          lastSeenMs: activeMs - parse(unseen),
          isIdle: idle === undefined ? null : idle === 'i',
        },
      ]
    }
    return [
      decodeURIComponent(name),
      { partitions: parse(partitions), sources: new Map(sources.map(read)), idle: new Set() },
    ]
  })
  return {
    watermark: watermark ? parse(watermark) : -Infinity,
    appendedAt,
    activeMs,
    topics: new Map(topics),
  }
}

const base36 = (time: number) => Math.round(time).toString(36)

function parse(text: string | undefined): number {
  const number = Number.parseInt(text ?? '', 36)
  if (Number.isNaN(number)) throw new RangeError('not a memo of an event clock')
  return number
}

import type { LogLevel, PackedLogs } from '../avro/types.ts'
import { VarintColumn } from '../avro/varint-column.ts'
import { logLevels, type PlacedLog } from './placed-log.ts'
import { Shapes } from './shapes.ts'
import { noText, TextReferences, textPlaces } from './text-references.ts'

const levelNumbers = Object.fromEntries(logLevels.map((level, number) => [level, number])) as Readonly<
  Record<LogLevel, number>
>

/** Writes the events of one batch one by one, as PackedLogs has them. */
export class LogPacker {
  readonly #shapes = new Shapes()
  readonly #references = new TextReferences()
  readonly #places = new VarintColumn()
  readonly #times = new VarintColumn()
  readonly #events = new VarintColumn()
  readonly #services = textPlaces(1)[0]!
  readonly #hosts = textPlaces(1)[0]!
  readonly #messages = textPlaces(1)[0]!
  readonly #traceIds = textPlaces(1)[0]!
  readonly #spanIds = textPlaces(1)[0]!
  #count = 0
  #lastOffset = 0
  #lastTimestamp = 0
  #lastTime = 0

  add(log: PlacedLog): void {
    const { offset, timestamp, time, message, traceId, spanId, attributes } = log
    this.#count++
    this.#places.write(offset - this.#lastOffset)
    this.#places.write(log.position)
    this.#places.write(timestamp - this.#lastTimestamp)
    this.#lastOffset = offset
    this.#lastTimestamp = timestamp
    this.#times.write(time - this.#lastTime)
    this.#lastTime = time
    const references = this.#references
    const events = this.#events
    const { names, texts } = attributes
    const shape = this.#shapes.of(names)
    events.write(shape.number)
    events.write(levelNumbers[log.level])
    events.write(references.to(log.service, this.#services))
    events.write(references.to(log.host, this.#hosts))
    events.write(references.to(message, this.#messages))
    events.write(traceId === null ? noText : references.to(traceId, this.#traceIds))
    events.write(spanId === null ? noText : references.to(spanId, this.#spanIds))
    for (let i = 0; i < texts.length; i++) events.write(references.to(texts[i]!, shape.places[i]!))
  }

  finish(): PackedLogs {
    const { names, shapes } = this.#shapes
    const { texts, lengths } = this.#references
    return {
      count: this.#count,
      names,
      shapes,
      texts,
      lengths,
      places: this.#places.bytes,
      times: this.#times.bytes,
      events: this.#events.bytes,
    }
  }
}

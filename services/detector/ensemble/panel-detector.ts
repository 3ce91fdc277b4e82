import type { EventTime } from '../../../shared/stream/task.ts'
import type { EarlyCells } from '../models/cells.ts'
import type { Heading, SeriesDetector, Verdict } from '../series-detector.ts'
import type { Panel } from './panel.ts'

/**
 * A series: its block of memory, and the panel that watches it, which has one set of cells for all. Copying a block there and back
 * costs less than views of its own would for each of a hundred thousand, in memory and in caches.
 */
export class PanelDetector implements SeriesDetector {
  readonly #panel: Panel
  readonly #block: Uint8Array
  #early: EarlyCells | undefined
  readonly #version: number

  constructor(panel: Panel, block: Uint8Array, early: EarlyCells | undefined, version: number) {
    this.#panel = panel
    this.#block = block
    this.#early = early
    this.#version = version
  }

  observe(time: EventTime, value: number, isExcluded: boolean): Verdict {
    const { cells, cellBytes } = this.#load()
    const verdict = this.#panel.observe(cells, time, value, isExcluded)
    this.#block.set(cellBytes)
    this.#early = cells.early
    return verdict
  }

  silence(time: EventTime): Verdict | undefined {
    return this.#panel.silence(this.#load().cells, time)
  }

  heading(): Heading | undefined {
    return this.#panel.heading(this.#load().cells)
  }

  encode(): Uint8Array {
    const early = this.#early && new Uint8Array(this.#early.numbers.buffer)
    const bytes = new Uint8Array(1 + this.#block.length + (early?.length ?? 0))
    bytes[0] = this.#version
    bytes.set(this.#block, 1)
    if (early) bytes.set(early, 1 + this.#block.length)
    return bytes
  }

  #load(): Panel {
    const panel = this.#panel
    panel.cellBytes.set(this.#block)
    panel.cells.early = this.#early
    return panel
  }
}

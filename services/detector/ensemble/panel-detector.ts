import type { EventTime } from '../../../shared/stream/task.ts'
import type { Cells } from '../models/cells.ts'
import type { Heading, SeriesDetector, Verdict } from '../series-detector.ts'
import type { Panel } from './panel.ts'

/** A series: its cells, and the panel that watches it. */
export class PanelDetector implements SeriesDetector {
  readonly #panel: Panel
  readonly #cells: Cells
  readonly #version: number

  constructor(panel: Panel, cells: Cells, version: number) {
    this.#panel = panel
    this.#cells = cells
    this.#version = version
  }

  observe(time: EventTime, value: number, isExcluded: boolean): Verdict {
    return this.#panel.observe(this.#cells, time, value, isExcluded)
  }

  silence(time: EventTime): Verdict | undefined {
    return this.#panel.silence(this.#cells, time)
  }

  heading(): Heading | undefined {
    return this.#panel.heading(this.#cells)
  }

  encode(): Uint8Array {
    const block = new Uint8Array(this.#cells.numbers.buffer)
    const bytes = new Uint8Array(1 + block.length)
    bytes[0] = this.#version
    bytes.set(block, 1)
    return bytes
  }
}

import { getHeapStatistics } from 'node:v8'
import { flawOf } from '../../services/aggregator/batch-flaw.ts'
import { NormalizerTask } from '../../services/normalizer/normalizer-task.ts'
import { unpacked } from '../../shared/points/unpack.ts'
import { normalizerDefaults, now } from '../support/normalize.ts'
import { RecordingOutput } from '../support/recording-output.ts'
import { record, taskContext, topics } from '../support/task-context.ts'
import { changedPrototype } from './prototypes.ts'

/** CPU time that one input may take, milliseconds. */
const maxCpuMs = 100

/** How much the heap may grow while one input is read. */
const maxHeapBytes = 128 * 1024 * 1024

/**
 * Reads input after input as one task does, and says what is wrong with what it does: an error that is no refusal, a batch that
 * the aggregator would refuse, or that no codec takes, and too much time or memory. `format` undefined: it is to be recognized.
 */
export class Trial {
  readonly #task: NormalizerTask
  #offset = 0

  constructor(format: string | undefined) {
    const formats: Record<string, string> = format === undefined ? {} : { raw: format }
    this.#task = new NormalizerTask(
      { ...normalizerDefaults, formats, cachedSeries: 1_000 },
      topics,
      taskContext({ topic: 'raw', now }),
    )
  }

  /** Throws when something is wrong. */
  run(input: Buffer): void {
    const heapBefore = heapBytes()
    const { out, cpuMs } = this.#read(input)
    const grown = heapBytes() - heapBefore
    if (grown > maxHeapBytes) throw new Error(`the heap has grown by ${grown} bytes`)
    // The garbage of others, or a compiler, may have come between: what is slow is slow again.
    if (cpuMs > maxCpuMs) {
      const again = Math.min(this.#read(input).cpuMs, this.#read(input).cpuMs)
      if (again > maxCpuMs) throw new Error(`it takes ${again.toFixed(0)} ms of CPU`)
    }
    for (const batch of out.of(topics.points)) {
      const flaw = flawOf(unpacked(batch))
      if (flaw) throw new Error(`the aggregator refuses the batch: ${flaw}`)
    }
    const changed = changedPrototype()
    if (changed !== undefined) throw new Error(`${changed} has changed`)
  }

  #read(input: Buffer): { readonly out: RecordingOutput; readonly cpuMs: number } {
    const out = new RecordingOutput()
    const raw = record(this.#offset++, Buffer.from(input), { topic: 'raw', timestamp: now })
    const before = process.threadCpuUsage()
    this.#task.process([raw], out)
    for (const { act } of this.#task.quiet) act(out)
    this.#task.beforeCommit(out)
    const { user, system } = process.threadCpuUsage(before)
    return { out, cpuMs: (user + system) / 1_000 }
  }
}

const heapBytes = () => {
  const { used_heap_size, external_memory } = getHeapStatistics()
  return used_heap_size + external_memory
}

import fc from 'fast-check'
import { FencedError } from '../../shared/errors.ts'
import type { OutgoingRecord } from '../../shared/kafka/transactional-producer.ts'
import { decodeCommitMetadata } from '../../shared/stream/commit-metadata.ts'
import { Committer } from '../../shared/stream/committer.ts'
import { discarded } from '../../shared/stream/output-buffer.ts'
import type { StreamRecord, Task } from '../../shared/stream/task.ts'
import { feed, type Quiet } from './aggregator.ts'
import { RecordingOutput } from './recording-output.ts'
import { place, Surroundings } from './runner-surroundings.ts'
import { noSignal } from './task-context.ts'

/** What one of the workers does next. A rebalance is a new one that takes over, while the old owners may live on. */
interface Turn {
  /** 0 is the owner, 1 the one before it, and so on. */
  readonly worker: number
  readonly does: 'work' | 'commit' | 'take over' | 'die'
  /** How much it works on, as one batch where there is no quiet time in between. */
  readonly entries: number
}

const anyTurn: fc.Arbitrary<Turn> = fc.record({
  worker: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.constant(2) },
  ),
  does: fc.oneof(
    { weight: 8, arbitrary: fc.constant('work' as const) },
    { weight: 6, arbitrary: fc.constant('commit' as const) },
    { weight: 3, arbitrary: fc.constant('take over' as const) },
    { weight: 1, arbitrary: fc.constant('die' as const) },
  ),
  entries: fc.integer({ min: 1, max: 8 }),
})

/** Rebalances and crashes at any time: before, at and after commits, and while the log is read again. */
export const anyTurns = fc.array(anyTurn, { minLength: 1, maxLength: 40, size: 'max' })

type Log<In> = readonly (StreamRecord<In> | Quiet)[]
type KeepingTask<In> = Task<In> & Required<Pick<Task<In>, 'beforeCommit' | 'resumePoint' | 'restore'>>

/** What an owner has emitted since its last commit. */
class Pending extends RecordingOutput {
  readonly kept: (readonly [key: string, value: Uint8Array | null])[] = []

  override keep(key: string, value: Uint8Array | null): void {
    this.kept.push([key, value && Uint8Array.from(value)])
  }

  get length(): number {
    return this.sent.length + this.rejected.length + this.kept.length
  }

  /** Nothing is sent anywhere: whoever grants the commit takes it all. */
  take(): readonly OutgoingRecord[] {
    return []
  }

  moveTo(committed: RecordingOutput): void {
    committed.sent.push(...this.sent.splice(0))
    committed.rejected.push(...this.rejected.splice(0))
    for (const [key, value] of this.kept.splice(0)) committed.keep(key, value)
  }
}

/** As the broker has it. A commit that is not the newest owner's is refused, as that of a fenced transactional id. */
interface Committed {
  readonly output: RecordingOutput
  offset: number
  metadata: string | undefined
  /** How far in the log, quiet times included. */
  next: number
  epoch: number
}

const { context } = new Surroundings()

/** A worker's task of the partition, on which it works as the runtime does. */
class Owner<In> {
  readonly #log: Log<In>
  readonly #committed: Committed
  readonly #epoch: number
  readonly #task: KeepingTask<In>
  readonly #committer: Committer
  readonly #pending = new Pending()
  /** What is read again, whose outputs were committed. */
  readonly #again: StreamRecord<In>[]
  #next: number
  #position: number

  constructor(log: Log<In>, committed: Committed, create: (memo?: string) => KeepingTask<In>) {
    this.#log = log
    this.#committed = committed
    this.#epoch = ++committed.epoch
    const { offset, metadata, next } = committed
    const known = metadata === undefined ? undefined : decodeCommitMetadata(metadata)
    const emitted = known?.emitted ?? 0
    this.#task = create(known?.memo)
    for (const [key, value] of committed.output.state) this.#task.restore(key, value)
    this.#committer = new Committer(context, place, undefined)
    this.#committer.begin({ position: offset, emitted, memo: known?.memo })
    const isDone = (entry: StreamRecord<In> | Quiet) => typeof entry !== 'string' && entry.offset < emitted
    this.#again = log
      .filter(isDone)
      .filter((one) => (one as StreamRecord<In>).offset >= offset) as StreamRecord<In>[]
    this.#next = log.findLastIndex(isDone) + 1
    // A quiet time is over that was committed.
    while (this.#next < next && typeof log[this.#next] === 'string') this.#next++
    this.#position = this.#again[0]?.offset ?? emitted
  }

  get isAtEnd(): boolean {
    return this.#again.length === 0 && this.#next === this.#log.length
  }

  work(entries: number): void {
    const again = this.#again.splice(0, entries)
    if (again.length > 0) {
      this.#task.process(again, discarded, noSignal)
      this.#position = this.#again[0]?.offset ?? this.#committer.emitted
    }
    if (this.#again.length > 0) return
    for (const entry of this.#takeBatches(entries - again.length)) {
      if (typeof entry === 'string') feed(this.#task, [entry], this.#pending)
      else this.#task.process(entry, this.#pending, noSignal)
    }
  }

  /** False when another worker has taken over since. */
  async commit(): Promise<boolean> {
    const commit = async ({ offset, metadata }: { readonly offset: number; readonly metadata: string }) => {
      if (this.#epoch !== this.#committed.epoch) throw new FencedError('another one owns it')
      this.#pending.moveTo(this.#committed.output)
      Object.assign(this.#committed, { offset, metadata, next: this.#next })
    }
    try {
      await this.#committer.commit(this.#position, this.#task, this.#pending, { commit })
      return true
    } catch (error) {
      if (error instanceof FencedError) return false
      throw error
    }
  }

  *#takeBatches(entries: number): Generator<StreamRecord<In>[] | Quiet> {
    let batch: StreamRecord<In>[] = []
    for (const entry of this.#log.slice(this.#next, this.#next + entries)) {
      this.#next++
      if (typeof entry !== 'string') {
        batch.push(entry)
        this.#position = entry.offset + 1
        continue
      }
      if (batch.length > 0) yield batch
      batch = []
      yield entry
    }
    if (batch.length > 0) yield batch
  }
}

/**
 * What the workers commit that own a partition one after the other, until one has come to the end of the log: whatever
 * they do before, it must be what a single undisturbed task emits.
 */
export async function runWithOwners<In>(
  log: Log<In>,
  turns: readonly Turn[],
  create: (memo?: string) => KeepingTask<In>,
): Promise<RecordingOutput> {
  const committed: Committed = {
    output: new RecordingOutput(),
    offset: 0,
    metadata: undefined,
    next: 0,
    epoch: 0,
  }
  const owners = [new Owner(log, committed, create)]
  for (const { worker, does, entries } of turns) {
    const owner = owners[worker]
    if (does === 'take over') owners.unshift(new Owner(log, committed, create))
    else if (does === 'work') owner?.work(entries)
    // Fenced, it ends as if it had died.
    else if (does === 'die' || (owner && !(await owner.commit()))) owners.splice(worker, 1)
  }
  const last = new Owner(log, committed, create)
  while (!last.isAtEnd) last.work(3)
  await last.commit()
  return committed.output
}

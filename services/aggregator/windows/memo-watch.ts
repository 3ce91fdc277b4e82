import type { TaskContext } from '../../../shared/stream/task.ts'
import { memoInState, memoKey } from './progress.ts'

/** Tells when a commit refers to a memory in the state topic that is not there, as when someone has emptied the topic. */
export class MemoWatch {
  readonly #context: TaskContext
  #isMissing: boolean

  constructor(context: TaskContext, memo: string | undefined) {
    this.#context = context
    this.#isMissing = memo === memoInState
  }

  /** An entry of the state has come back. */
  restored(key: string, value: Uint8Array | null): void {
    if (key === memoKey && value) this.#isMissing = false
  }

  /** To be called when all of the state is there. Says it once. */
  check(): void {
    if (!this.#isMissing) return
    this.#isMissing = false
    const { topic, partition, log } = this.#context
    log.error(
      { topic, partition },
      'the committed offset refers to a memory that is not in the state topic: starting there without memory',
    )
  }
}

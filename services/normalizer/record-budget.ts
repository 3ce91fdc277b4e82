import { BadRecordError } from '../../shared/errors.ts'

/** What a record may become, for each byte that it may have when it is unpacked. */
const expansion = 8

/**
 * Bounds what is made of one raw record: what many points, logs or spans share stands once in it, and with each of them in what
 * comes out, so that a small record could become gigabytes.
 */
export class RecordBudget {
  readonly #limit: number
  #spent = 0

  constructor(maxUnpackedBytes: number) {
    this.#limit = expansion * maxUnpackedBytes
  }

  /** Another record. */
  begin(): void {
    this.#spent = 0
  }

  /** Throws BadRecordError when the record has become too much. In bytes or characters. */
  spend(size: number): void {
    this.#spent += size
    this.requireRoom()
  }

  /** Throws BadRecordError when all is spent: what comes now need not even be made. */
  requireRoom(): void {
    if (this.#spent > this.#limit)
      throw new BadRecordError(
        'too_large',
        `what the record holds would become more than ${this.#limit} bytes (${expansion} times normalizer.maxUnpackedBytes)`,
      )
  }
}

/** Sentences kept for a person; of more, only the number is told. */
const maxExamples = 10

/** What one place, such as a topic or a store, is found to hold, against what was published. */
export class Findings {
  readonly place: string
  /** Windows or events that were looked for. */
  checked = 0
  /** Points or events that are missing. */
  lost = 0
  /** Points or events that count more than once, and records that are there twice. */
  doubled = 0
  /** Windows or events whose content differs otherwise. */
  wrong = 0
  readonly examples: string[] = []

  constructor(place: string) {
    this.place = place
  }

  lose(count: number, what: string): void {
    this.lost += count
    this.#tell(`lost: ${what}`)
  }

  double(count: number, what: string): void {
    this.doubled += count
    this.#tell(`doubled: ${what}`)
  }

  differ(what: string): void {
    this.wrong++
    this.#tell(`wrong: ${what}`)
  }

  get isClean(): boolean {
    return this.lost === 0 && this.doubled === 0 && this.wrong === 0
  }

  #tell(what: string): void {
    if (this.examples.length < maxExamples) this.examples.push(what)
  }
}

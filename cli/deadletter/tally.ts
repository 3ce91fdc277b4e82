import type { DeadLetter } from '../../shared/avro/types.ts'
import type { Choice } from './choose.ts'
import { printable } from './printable.ts'
import type { Shelf } from './shelf.ts'

/** What became of the letters, for a person. */
export class Tally {
  readonly #redriven = new Map<string, number>()
  readonly #left = new Map<Choice | 'before' | 'unreadable', number>()

  add({ topic, reason }: DeadLetter, choice: Choice | 'before'): void {
    if (choice === 'redrive') count(this.#redriven, printable(`${topic}: ${reason}`))
    else count(this.#left, choice)
  }

  addUnreadable(): void {
    count(this.#left, 'unreadable')
  }

  /** Letters that were not left out by the filter. */
  get wanted(): number {
    const left = [...this.#left].filter(([choice]) => choice !== 'unwanted' && choice !== 'unreadable')
    return sum([...this.#redriven.values(), ...left.map(([, number]) => number)])
  }

  text(dryRun: boolean, { many }: Shelf): string {
    const left = [
      ['before', 'were re-driven before (--again does so once more)'],
      ['unwanted', 'were not asked for'],
      ['in part', 'were refused in part by a later stage, which can’t take parts'],
      ['topic gone', 'come of topics that do not exist any more'],
      ['unreadable', `are no ${many}, though they stand among them`],
    ] as const satisfies readonly (readonly [Choice | 'before' | 'unreadable', string])[]
    return [
      `${dryRun ? 'Would re-drive' : 'Re-driven:'} ${sum([...this.#redriven.values()]).toLocaleString('en')} ${many}.`,
      ...[...this.#redriven].map(([name, number]) => `  ${number.toLocaleString('en')}  ${name}`),
      ...left.flatMap(([choice, why]) =>
        this.#left.has(choice) ? [`Left: ${this.#left.get(choice)!.toLocaleString('en')} ${why}.`] : [],
      ),
      '',
    ].join('\n')
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

function count<K>(numbers: Map<K, number>, key: K): void {
  numbers.set(key, (numbers.get(key) ?? 0) + 1)
}

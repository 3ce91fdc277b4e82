import { createLogUpdate } from 'log-update'

/** How far one stage is, in records of its input. */
interface StageView {
  readonly name: string
  readonly done: number
  readonly total: number
}

/** Shows how far a replay is: on a terminal a bar that is painted over, elsewhere a line now and then. */
export interface Display {
  show(stages: readonly StageView[]): void
  close(): void
}

const lineEveryMs = 5_000

export function startDisplay(stream: NodeJS.WriteStream): Display {
  const live = stream.isTTY ? createLogUpdate(stream) : undefined
  const speed = new Speed()
  let shownAt = 0
  return {
    show(stages) {
      const now = Date.now()
      const text = progressText(stages, speed.of(stages[0]!.done, now), live ? 30 : 0)
      if (live) live(text)
      else if (now - shownAt >= lineEveryMs) {
        shownAt = now
        stream.write(`${text}\n`)
      }
    },
    close() {
      live?.clear()
      live?.done()
    },
  }
}

/** How long the speed is averaged over, milliseconds. */
const spanMs = 10_000

/** Records a second, lately. */
export class Speed {
  readonly #samples: { readonly done: number; readonly at: number }[] = []

  of(done: number, at: number): number {
    const samples = this.#samples
    samples.push({ done, at })
    while (samples.length > 2 && samples[1]!.at < at - spanMs) samples.shift()
    const [first] = samples
    return at > first!.at ? ((done - first!.done) * 1_000) / (at - first!.at) : 0
  }
}

/** `normalize ████░░ 41 % of 1,200 raw records, 300/s, 3 s left · aggregate 35 % · store 20 %`. */
export function progressText(
  [first, ...rest]: readonly StageView[],
  perSecond: number,
  barWidth: number,
): string {
  const { name, done, total } = first!
  const filled = total === 0 ? barWidth : Math.floor((barWidth * done) / total)
  const bar = barWidth > 0 ? `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ` : ''
  const left =
    done < total && perSecond > 0
      ? `, ${Math.round(perSecond).toLocaleString('en')}/s, ${duration(((total - done) / perSecond) * 1_000)} left`
      : ''
  return [
    `${name} ${bar}${percent(first!)} of ${total.toLocaleString('en')} raw records${left}`,
    ...rest.map((stage) => `${stage.name} ${percent(stage)}`),
  ].join(' · ')
}

const percent = ({ done, total }: StageView) => (total === 0 ? '–' : `${Math.floor((100 * done) / total)} %`)

/** `4 s`, `3 min 20 s` or `2 h 5 min`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

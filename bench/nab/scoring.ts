/**
 * The scoring rules of the Numenta Anomaly Benchmark: Lavin and Ahmad 2015, "Evaluating Real-time Anomaly Detection
 * Algorithms", arXiv:1510.03336, with the probationary period and the weights of its repository.
 */

/** What a detection, a miss and a false alarm weigh. */
interface Weights {
  readonly found: number
  readonly missed: number
  readonly falseAlarm: number
}

export const profiles = {
  standard: { found: 1, missed: 1, falseAlarm: 0.11 },
  reward_low_FP_rate: { found: 1, missed: 1, falseAlarm: 0.22 },
  reward_low_FN_rate: { found: 1, missed: 2, falseAlarm: 0.11 },
} as const satisfies Readonly<Record<string, Weights>>

export type Profile = keyof typeof profiles
export const profileNames = Object.keys(profiles) as Profile[]

/** Rows of a label, by number in the file, both ends included. */
export interface LabelWindow {
  readonly first: number
  readonly last: number
}

/** A file of the corpus as the rules see it. */
export interface LabelledFile {
  readonly rows: number
  /** In order, without overlap. */
  readonly windows: readonly LabelWindow[]
}

/** What an alarm at a row is worth before weighing, and the window that it is in, or -1. */
interface RowWorth {
  readonly worth: Float64Array
  readonly window: Int32Array
  /** Rows before this one do not count: the detector is learning. */
  readonly firstCounted: number
}

/** Of a file at one threshold. `raw` is the weighed sum. */
interface FileScore {
  readonly raw: number
  readonly found: number
  readonly missed: number
  readonly falseAlarms: number
}

export interface CorpusScore {
  /** 0 is the detector that never alarms, 100 one that alarms only at the beginning of each window. */
  readonly score: number
  /** The score from which on a row is an alarm. */
  readonly threshold: number
  readonly files: readonly FileScore[]
}

/** From 1 at the beginning of a window over 0 at its end to -1 after it; x is in lengths of the window. */
const sigmoid = (x: number) => (x > 3 ? -1 : 2 / (1 + Math.exp(5 * x)) - 1)

function worthOf({ rows, windows }: LabelledFile): RowWorth {
  const worth = new Float64Array(rows).fill(-1)
  const window = new Int32Array(rows).fill(-1)
  for (const [number, { first, last }] of windows.entries()) {
    const length = last - first + 1
    for (let row = first; row <= last; row++) {
      worth[row] = sigmoid(-(last - row + 1) / length) / sigmoid(-1)
      window[row] = number
    }
    const end = windows[number + 1]?.first ?? rows
    for (let row = last + 1; row < end; row++) worth[row] = sigmoid((row - last) / Math.max(1, length - 1))
  }
  return { worth, window, firstCounted: Math.min(Math.floor(0.15 * rows), 750) }
}

/**
 * Scores of one detector: the threshold is given, or the one that is best for the profile over all files, and Infinity
 * when never to alarm is best. `scores` holds a score for each row of each file.
 */
export function scoreCorpus(
  files: readonly LabelledFile[],
  scores: readonly ArrayLike<number>[],
  profile: Profile,
  threshold?: number,
): CorpusScore {
  const worths = files.map(worthOf)
  const weights = profiles[profile]
  const at = threshold ?? bestThreshold(files, worths, scores, weights)
  const each = files.map((file, i) => scoreFile(file, worths[i]!, scores[i]!, weights, at))
  const windows = files.reduce((sum, file) => sum + file.windows.length, 0)
  const raw = each.reduce((sum, file) => sum + file.raw, 0)
  const worst = -weights.missed * windows
  return {
    score: (100 * (raw - worst)) / (weights.found * windows - worst),
    threshold: at,
    files: each,
  }
}

function scoreFile(
  { windows }: LabelledFile,
  { worth, window, firstCounted }: RowWorth,
  scores: ArrayLike<number>,
  weights: Weights,
  threshold: number,
): FileScore {
  const best = new Map<number, number>()
  let cost = 0
  let falseAlarms = 0
  for (let row = firstCounted; row < worth.length; row++) {
    if (!(scores[row]! >= threshold)) continue
    const number = window[row]!
    if (number < 0) {
      cost += worth[row]!
      falseAlarms++
    } else best.set(number, Math.max(best.get(number) ?? -Infinity, worth[row]!))
  }
  const missed = windows.length - best.size
  let gain = 0
  for (const value of best.values()) gain += value
  return {
    raw: weights.found * gain - weights.missed * missed + weights.falseAlarm * cost,
    found: best.size,
    missed,
    falseAlarms,
  }
}

/** Tries each score that occurs, from the highest down. */
function bestThreshold(
  files: readonly LabelledFile[],
  worths: readonly RowWorth[],
  scores: readonly ArrayLike<number>[],
  weights: Weights,
): number {
  const events: { readonly score: number; readonly file: number; readonly row: number }[] = []
  for (const [file, { worth, firstCounted }] of worths.entries())
    for (let row = firstCounted; row < worth.length; row++)
      events.push({ score: scores[file]![row]!, file, row })
  events.sort((a, b) => b.score - a.score)

  const best = files.map(({ windows }) => windows.map(() => -Infinity))
  let total = 0
  let highest = 0
  let threshold = Infinity
  for (const [i, { score, file, row }] of events.entries()) {
    const worth = worths[file]!.worth[row]!
    const number = worths[file]!.window[row]!
    if (number < 0) total += weights.falseAlarm * worth
    else {
      const before = best[file]![number]!
      if (worth > before) {
        total += weights.found * (before === -Infinity ? worth : worth - before)
        if (before === -Infinity) total += weights.missed
        best[file]![number] = worth
      }
    }
    if (events[i + 1]?.score === score) continue
    if (total > highest + 1e-12) {
      highest = total
      threshold = score
    }
  }
  return threshold
}

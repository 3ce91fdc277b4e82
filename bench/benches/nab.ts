import { ensemble } from '../../services/detector/ensemble/ensemble.ts'
import { ConfigurationError } from '../../shared/errors.ts'
import type { Bench } from '../harness/bench.ts'
import { machine, round } from '../harness/result.ts'
import { chosenThreshold } from '../nab/chosen-threshold.ts'
import { readCorpus } from '../nab/corpus.ts'
import { heldOutScore } from '../nab/held-out.ts'
import { scoresOf } from '../nab/run-detector.ts'
import { type CorpusScore, type Profile, profileNames, scoreCorpus } from '../nab/scoring.ts'

/** How well the detector does on a folder of the Numenta Anomaly Benchmark, for each of its profiles. */
export const nab: Bench = {
  name: 'nab',
  does: 'the detector on a corpus of the Numenta Anomaly Benchmark (--corpus DIR, --threshold X)',
  servers: [],
  needs: 'corpus',

  async run({ options: { corpus, threshold }, report }) {
    const before = machine()
    if (corpus === undefined)
      throw new ConfigurationError(
        'The benchmark “nab” needs a corpus: --corpus DIR, with data/ and labels/ in it.',
      )
    const files = await readCorpus(corpus)
    report(`scoring ${files.length} files`)
    const started = process.cpuUsage()
    const scores = files.map((file) => scoresOf(ensemble, file))
    const { user, system } = process.cpuUsage(started)
    const results = Object.fromEntries(
      profileNames.map((profile) => [profile, scoreCorpus(files, scores, profile, threshold)]),
    ) as Record<Profile, CorpusScore>
    const atChosen = (profile: Profile) => scoreCorpus(files, scores, profile, chosenThreshold)
    const of = (tell: (profile: Profile) => number) =>
      Object.fromEntries(profileNames.map((profile) => [profile, round(tell(profile))]))
    const heldOut = of((profile) => heldOutScore(files, scores, profile))
    return {
      bench: 'nab',
      taken: new Date().toISOString(),
      machine: before,
      workload: { files: files.length, rows: files.reduce((sum, { rows }) => sum + rows, 0) },
      ...of((profile) => results[profile].score),
      // To be taken to other files; those beside it are the best here.
      threshold: threshold ?? chosenThreshold,
      at_threshold: of((profile) => (threshold === undefined ? atChosen(profile) : results[profile]).score),
      thresholds: Object.fromEntries(profileNames.map((profile) => [profile, results[profile].threshold])),
      held_out_categories: heldOut,
      cpu_s: (user + system) / 1e6,
      rows: [
        ...files.map(({ name, windows }, i) => {
          const { found, falseAlarms } = results.standard.files[i]!
          return {
            file: name,
            windows: windows.length,
            found,
            false_alarms: falseAlarms,
            ...of((profile) => results[profile].files[i]!.raw),
          }
        }),
        {
          file: `all, of 100, at ${threshold === undefined ? 'the best thresholds' : threshold}`,
          windows: sumOf(files.map(({ windows }) => windows.length)),
          found: sumOf(results.standard.files.map(({ found }) => found)),
          false_alarms: sumOf(results.standard.files.map(({ falseAlarms }) => falseAlarms)),
          ...of((profile) => results[profile].score),
        },
        ...(threshold === undefined
          ? [
              {
                file: `all, of 100, at ${chosenThreshold}, for other files`,
                windows: '',
                found: sumOf(atChosen('standard').files.map(({ found }) => found)),
                false_alarms: sumOf(atChosen('standard').files.map(({ falseAlarms }) => falseAlarms)),
                ...of((profile) => atChosen(profile).score),
              },
            ]
          : []),
        {
          file: 'all, of 100, each category at the threshold of the others',
          windows: '',
          found: '',
          false_alarms: '',
          ...heldOut,
        },
      ],
    }
  },
}

const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TelemetryRow } from '../../bench/harness/telemetry-row.ts'
import type { Things } from '../../bench/telemetry/telemetry.ts'

const path = join(import.meta.dirname, '../../bench/results/normalizer.json')

type Measured = Pick<TelemetryRow, 'format' | 'variant' | 'makes' | 'things_per_cpu_s' | 'mb_per_cpu_s'>

const { rows } = JSON.parse(readFileSync(path, 'utf8')) as { readonly rows: readonly Measured[] }

const names: Readonly<Record<Things, string>> = { points: 'points', logs: 'log events', spans: 'spans' }

/** What a CPU second reads of a format, in each variant that was measured; `measured` are the rows of a result. */
export const throughputOf = (format: string, measured: readonly Measured[] = rows): string =>
  measured
    .filter((row) => row.format === format)
    .map(({ variant, makes, things_per_cpu_s, mb_per_cpu_s }) => {
      const figures = `${rounded(things_per_cpu_s)} ${names[makes]}, ${rounded(mb_per_cpu_s)} MB`
      return variant ? `${variant}: ${figures}` : figures
    })
    .join('; ') || 'not yet measured'

/** To two digits: the third is another in each run. */
const rounded = (value: number) => Number(value.toPrecision(2)).toLocaleString('en')

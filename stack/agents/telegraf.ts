import { goProgram } from '../install/go.ts'
import type { Step } from '../progress.ts'
import { versions } from './versions.ts'

const module = 'github.com/influxdata/telegraf'

const inputs = [
  ...[
    'cpu',
    'disk',
    'diskio',
    'kafka_consumer',
    'mem',
    'mysql',
    'net',
    'processes',
    'redis',
    'swap',
    'system',
  ],
  'zookeeper',
]

/** Only what is used: Telegraf has hundreds of plugins, which would all have to be compiled. */
const plugins = [
  ...inputs.map((name) => `inputs.${name}`),
  'outputs.kafka',
  ...['influx', 'json', 'json_v2'].map((name) => `parsers.${name}`),
  ...['influx', 'json'].map((name) => `serializers.${name}`),
]

/** Builds Telegraf with the plugins that tests and benchmarks use; returns the path of the program. */
export function installTelegraf(step: Step, signal?: AbortSignal): Promise<string> {
  return goProgram(
    {
      path: `${module}/cmd/telegraf`,
      version: versions.telegraf,
      tags: ['custom', ...plugins],
      variables: { [`${module}/internal.Version`]: versions.telegraf },
    },
    step,
    signal,
  )
}

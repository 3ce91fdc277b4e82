/** What tenants cost a point of line protocol, from bytes to batches: `node bench/micro/tenants.ts`. Times are CPU time of a process each. */
import { execFileSync } from 'node:child_process'
import { type NormalizerConfig, normalizerSection } from '../../services/normalizer/config.ts'
import { fields, Workload } from '../harness/workload.ts'
import { report } from './measure.ts'
import { normalizing } from './normalizing.ts'

const unreached = 100_000_000
const variants: Readonly<Record<string, object>> = {
  'without tenants': {},
  'a tenant by header, in a tag': { from: 'header' },
  'a tenant by header, with a quota': {
    from: 'header',
    quotas: [{ tenant: '*', pointsPerSecond: unreached }],
  },
  'a tenant by header, with a shared capacity': {
    from: 'header',
    capacity: { pointsPerSecond: unreached },
  },
  'a tenant by header, with a quota of series': {
    from: 'header',
    quotas: [{ tenant: '*', series: 1_000_000 }],
  },
  'a tenant by tag, with a quota': {
    from: 'tag',
    name: 'region',
    quotas: [{ tenant: '*', pointsPerSecond: unreached }],
  },
}

const [variant] = process.argv.slice(2)
if (variant === undefined)
  for (const name of Object.keys(variants))
    execFileSync(process.execPath, [import.meta.filename, name], { stdio: 'inherit' })
else {
  const workload = new Workload({ hosts: 2_000, windows: 1, samples: 10, windowMs: 10_000, startMs: 1.7e12 })
  const { hosts } = workload.size
  // Ten lines a message, as agents batch them.
  const messages = Array.from({ length: hosts }, (_, message) =>
    Buffer.from(
      Array.from({ length: 10 }, (_, i) =>
        workload.line((message * 10 + i) % hosts, Math.floor(message / 200)),
      ).join('\n'),
    ),
  )
  const settings: NormalizerConfig = normalizerSection.schema.parse({ tenants: variants[variant] })
  const run = normalizing(messages, settings, { tenant: Buffer.from('acme') })
  report(`a point ${variant}`, messages.length * 10 * fields.length, 10, run)
}

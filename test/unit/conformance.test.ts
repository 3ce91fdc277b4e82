import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { formats } from '../../services/normalizer/formats/registry.ts'
import { versions } from '../../stack/agents/versions.ts'
import { passed } from '../conformance/passed.ts'
import { rows } from '../conformance/rows.ts'
import { throughputOf } from '../conformance/throughput.ts'

const agents = readFileSync(join(import.meta.dirname, '../../docs/agents.md'), 'utf8')

describe('the table of conformance', () => {
  it('has a row for each format, in the order of the registry', () => {
    expect(rows.map(({ format }) => format)).toEqual(formats.map(({ name }) => name))
  })

  it.each(rows.filter(({ examples }) => examples))(
    'counts as many examples of $format that pass as it says',
    (row) => {
      expect(passed(row)).toBe(row.examples?.passing ?? row.examples?.inputs.length)
    },
  )

  it.each([
    ['Telegraf', versions.telegraf],
    ['OpenTelemetry Collector', versions.collector],
    ['Filebeat', versions.filebeat],
    ['rsyslog', versions.rsyslog],
    ['syslog-ng', versions.syslogNg],
    ['kcat', versions.kcat],
  ])('names the version of %s that docs/agents.md names', (agent, version) => {
    expect(agents).toContain(`\n| ${agent} | ${version} |`)
    expect(rows.some((row) => row.agent?.includes(`${agent} ${version}`))).toBe(true)
  })

  it('tells what was measured of each variant of a format', () => {
    const measured = [
      {
        format: 'otlp-logs',
        variant: 'protobuf',
        makes: 'logs',
        things_per_cpu_s: 117_633,
        mb_per_cpu_s: 33.91,
      },
      { format: 'otlp-logs', variant: 'JSON', makes: 'logs', things_per_cpu_s: 97_343, mb_per_cpu_s: 7.125 },
      { format: 'influx', makes: 'points', things_per_cpu_s: 788_146, mb_per_cpu_s: 28.9 },
    ] as const
    expect(throughputOf('otlp-logs', measured)).toBe(
      'protobuf: 120,000 log events, 34 MB; JSON: 97,000 log events, 7.1 MB',
    )
    expect(throughputOf('influx', measured)).toBe('790,000 points, 29 MB')
    expect(throughputOf('cri', measured)).toBe('not yet measured')
  })
})

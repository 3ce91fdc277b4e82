import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached, nameOf } from '../cache.ts'
import { run } from '../command.ts'
import { goProgram } from '../install/go.ts'
import type { Step } from '../progress.ts'
import { versions } from './versions.ts'

const core = 'go.opentelemetry.io/collector'
const contrib = 'github.com/open-telemetry/opentelemetry-collector-contrib'
/** Modules that are stable have a number of their own in each release. */
const stable = '1.71.0'

/** JSON is YAML, too. */
const recipe = {
  dist: { name: 'otelcol', output_path: 'out', version: versions.collector },
  receivers: [{ gomod: `${core}/receiver/otlpreceiver v${versions.collector}` }],
  processors: [{ gomod: `${core}/processor/batchprocessor v${versions.collector}` }],
  exporters: [{ gomod: `${contrib}/exporter/kafkaexporter v${versions.collector}` }],
  providers: ['envprovider', 'fileprovider'].map((name) => ({
    gomod: `${core}/confmap/provider/${name} v${stable}`,
  })),
}

/** Builds an OpenTelemetry Collector from OTLP to Kafka with its own builder; returns the path of the program. */
export async function installCollector(step: Step, signal?: AbortSignal): Promise<string> {
  const folder = await cached(nameOf(`otelcol-${versions.collector}`, recipe), async (target) => {
    const builder = await goProgram(
      { path: `${core}/cmd/builder`, version: versions.collector },
      step,
      signal,
    )
    const work = join(target, 'build')
    await mkdir(work, { recursive: true })
    await writeFile(join(work, 'builder.yaml'), JSON.stringify(recipe))
    await run(builder, ['--config', 'builder.yaml'], {
      cwd: work,
      signal,
      onLine: (line) => step.update(line.split('\t')[3] ?? line),
    })
    await rename(join(work, 'out', 'otelcol'), join(target, 'otelcol'))
    await rm(work, { recursive: true, force: true })
  })
  return join(folder, 'otelcol')
}

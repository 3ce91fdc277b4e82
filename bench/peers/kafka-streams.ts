import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cached } from '../../stack/cache.ts'
import { run } from '../../stack/command.ts'
import { find, findJava } from '../../stack/toolchains.ts'
import type { BenchContext } from '../harness/bench.ts'
import { type MeasuredProcess, measureProcess, openLog } from '../harness/service-process.ts'

const project = join(import.meta.dirname, 'kafka-streams')

/** Built: what `java` needs to run it. */
interface KafkaStreamsPeer {
  readonly java: string
  readonly classPath: string
}

/**
 * Builds the application, once for each state of its sources, into the user's cache. Returns a sentence when this
 * machine lacks Java or Maven. Throws Error with Maven's last lines when it does not build.
 */
export async function buildKafkaStreamsPeer(context: BenchContext): Promise<KafkaStreamsPeer | string> {
  const maven = await find('mvn')
  const java = await findJava().catch(() => undefined)
  if (!maven || !java) return 'it takes Java 17 and Maven (mvn), which this machine lacks'
  const folder = await cached(`kafka-streams-peer-${fingerprint()}`, async (target) => {
    context.report('building the Kafka Streams application with Maven')
    const options = [
      `-DbuildDirectory=${join(target, 'build')}`,
      '-DincludeScope=runtime',
      `-DoutputDirectory=${join(target, 'lib')}`,
    ]
    await run(
      maven,
      [
        '--batch-mode',
        '-Dstyle.color=never',
        '-f',
        join(project, 'pom.xml'),
        ...options,
        'package',
        'dependency:copy-dependencies',
      ],
      { signal: context.signal },
    )
  })
  return { java, classPath: [join(folder, 'build', 'peer.jar'), join(folder, 'lib', '*')].join(':') }
}

function fingerprint(): string {
  const hash = createHash('sha256')
  for (const file of globSync(['pom.xml', 'src/**/*.java'], { cwd: project }).sort())
    hash.update(file).update(readFileSync(join(project, file)))
  return hash.digest('hex').slice(0, 12)
}

/**
 * How it is tuned, beyond Kafka Streams' defaults: exactly once, as ours; two threads for two cores; commits as often as
 * ours; and so much cache that the open windows of 10,000 series stay in memory between two commits.
 */
export const peerSettings: Readonly<Record<string, string>> = {
  'processing.guarantee': 'exactly_once_v2',
  'num.stream.threads': '2',
  'commit.interval.ms': '200',
  'statestore.cache.max.bytes': String(64 * 1024 * 1024),
  'auto.offset.reset': 'earliest',
  'producer.compression.type': 'zstd',
}

/** Starts it; its local state goes when the benchmark ends. */
export async function startKafkaStreamsPeer(
  context: BenchContext,
  { java, classPath }: KafkaStreamsPeer,
  { brokers, applicationId, input, output }: PeerOrder,
): Promise<MeasuredProcess> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'tidemark-peer-'))
  context.atEnd(() => rm(stateDirectory, { recursive: true, force: true }))
  const { file, descriptor } = openLog('kafka-streams')
  const config = {
    'bootstrap.servers': brokers.join(','),
    'application.id': applicationId,
    'state.dir': stateDirectory,
    ...peerSettings,
  }
  const child = spawn(
    java,
    [
      '-Xmx2g',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-cp',
      classPath,
      'tidemark.bench.WindowsApp',
      input,
      output,
      ...Object.entries(config).map(([key, value]) => `${key}=${value}`),
    ],
    // It ends when its standard input does: with us, however we end.
    { stdio: ['pipe', descriptor, descriptor], detached: true },
  )
  return measureProcess(context, child, file)
}

interface PeerOrder {
  readonly brokers: readonly string[]
  readonly applicationId: string
  readonly input: string
  readonly output: string
}

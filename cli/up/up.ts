import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createLogUpdate } from 'log-update'
import { isConfigured, type loadConfig } from '../../shared/config/load.ts'
import { ConfigurationError } from '../../shared/errors.ts'
import { createLogger } from '../../shared/observability/logger.ts'
import { attachStack, isLeftRunning, type Stack, stackOwner, startStack } from '../../stack/index.ts'
import { type Progress, terminalProgress } from '../../stack/progress.ts'
import { stackDirectory, stackEnvironment } from '../commands/stack.ts'
import { createTopics } from '../create-topics.ts'
import { type allSections, loadAll } from '../sections.ts'
import { type Pipeline, startPipeline } from './pipeline.ts'
import { readBack } from './read-back.ts'
import { renderSummary } from './summary.ts'
import { Watch } from './watch.ts'

interface UpOptions {
  /** Stops by itself after so long; undefined runs until Ctrl-C. */
  readonly forMs: number | undefined
  readonly withAgent: boolean
}

const log = createLogger('up', 'silent')

/**
 * Starts everything, shows it, and stops everything. Returns the exit status: 0, or 1 when a timed run did not bring
 * telemetry into the stores. Throws ConfigurationError when the machine or the configuration lacks something.
 */
export async function up({ forMs, withAgent }: UpOptions): Promise<number> {
  const stopping = new AbortController()
  const closers: (() => Promise<unknown>)[] = []
  let pipeline: Pipeline | undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.stderr.write('Still stopping…\n')
      stopping.abort()
    })
  }
  process.on('exit', () => pipeline?.kill())
  const progress = terminalProgress(process.stderr)
  try {
    const stack = await findStack(progress, stopping.signal, closers)
    const env = stack ? stackEnvironment(stack.addresses) : {}
    Object.assign(process.env, env)
    const config = loadAll()
    const step = progress.step('Schemas and topics')
    const created = await createTopics({ ...config, rawTopics: config.normalizer.inputTopics }, log)
    step.done(created.length > 0 ? `${created.length} topics created` : 'all there')

    const notes = stack?.leftOut.map(({ server, why }) => `${server} is left out: ${why}`) ?? []
    const withInflux = !stack || stack.addresses.influx !== undefined
    const sinceMs = Date.now()
    pipeline = await startPipeline({
      env,
      logDirectory: join(process.cwd(), '.tidemark', 'logs'),
      leftOut: withInflux ? [] : ['influx-sink'],
      watch: stack,
      withAgent,
      onEnd: (reason) => notes.push(reason),
    })
    closers.push(() => pipeline!.stop())
    progress.close()

    const watch = await Watch.start(pipeline, config, log)
    closers.push(() => watch.close())
    const places = placesOf(config, stack, pipeline)
    const view = async () =>
      renderSummary(
        { ...(await watch.view()), notes: notes.slice(-3), places },
        process.stdout.columns ?? 160,
      )
    await show(view, forMs, stopping.signal)
    if (forMs === undefined || stopping.signal.aborted) return 0

    const result = await readBack(withInflux ? config.influx : undefined, config.elasticsearch, sinceMs)
    const windows = withInflux
      ? `${result.windows.toLocaleString('en')} windows from InfluxDB`
      : 'nothing from InfluxDB, which is left out'
    process.stdout.write(
      `\nRead back: ${windows}, ${result.logs.toLocaleString('en')} log events from Elasticsearch.\n`,
    )
    for (const problem of result.problems) process.stdout.write(`✖ ${problem}.\n`)
    return result.problems.length === 0 ? 0 : 1
  } catch (error) {
    if (stopping.signal.aborted) return 130
    throw error
  } finally {
    progress.close()
    process.stderr.write('Stopping…\n')
    for (const close of closers.toReversed()) await close()
    process.stderr.write('Stopped.\n')
  }
}

/** The servers: undefined when the configuration names brokers, those that run already, or new ones, which stop with us. */
async function findStack(
  progress: Progress,
  signal: AbortSignal,
  closers: (() => Promise<unknown>)[],
): Promise<Stack | undefined> {
  if (isConfigured(['kafka', 'brokers'])) return undefined
  const directory = stackDirectory()
  const owner = await stackOwner(directory)
  if (owner)
    throw new ConfigurationError(
      `Tidemark runs here already, as process ${owner}: stop that one first, or start in another directory.`,
    )
  if (await isLeftRunning(directory)) return await attachStack(directory)
  const stack = await startStack({ directory, progress, signal })
  closers.push(() => stack.stop())
  return stack
}

/** On a terminal a picture that is painted over each second; elsewhere one every fifteen seconds, and the last. */
async function show(
  view: () => Promise<string>,
  forMs: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const live = process.stdout.isTTY ? createLogUpdate(process.stdout) : undefined
  const endAt = forMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + forMs
  const everyMs = live ? 1_000 : 15_000
  while (!signal.aborted) {
    const text = await view()
    if (live) live(text)
    else process.stdout.write(`${text}\n\n`)
    const left = endAt - Date.now()
    if (left <= 0) break
    await delay(Math.min(everyMs, left), undefined, { signal }).catch(() => undefined)
  }
  live?.done()
}

function placesOf(
  config: ReturnType<typeof loadConfig<typeof allSections>>,
  stack: Stack | undefined,
  pipeline: Pipeline,
): Readonly<Record<string, string>> {
  const { influx, elasticsearch, kafka } = config
  return {
    ...stack?.addresses.consoles,
    ...((!stack || stack.addresses.influx) && {
      InfluxDB: `${influx.url}  org ${influx.org}, bucket ${influx.bucket}`,
    }),
    Elasticsearch: `${elasticsearch.url}/${elasticsearch.indexPrefix}-logs-*/_search?q=message:started`,
    Kafka: `${kafka.brokers.join(', ')}  topics ${kafka.topicPrefix}.*`,
    Metrics:
      pipeline.services.map(({ url }) => `${url}/metrics`)[0]! +
      (pipeline.services.length > 1 ? ` to ${pipeline.services.at(-1)!.url}` : ''),
    Logs: join(process.cwd(), '.tidemark', 'logs'),
  }
}

import { setTimeout as delay } from 'node:timers/promises'
import { isConfigured, type loadConfig } from '../../shared/config/load.ts'
import { ConfigurationError } from '../../shared/errors.ts'
import { connectInflux } from '../../shared/influx/client.ts'
import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { createLogger } from '../../shared/observability/logger.ts'
import { type allSections, loadAll } from '../sections.ts'
import { duration, startDisplay } from './display.ts'
import { Installation } from './installation.ts'
import { refuseBacklog } from './live.ts'
import { sumOver } from './offsets.ts'
import { parseRequest, type ReplayOptions } from './request.ts'
import { resultTopic, runStages } from './run.ts'
import { verify } from './verify/verify.ts'

const log = createLogger('replay', 'silent')

/**
 * Recomputes a stretch of history beside the live pipeline. Returns the exit status: 0, 1 when `verify` found
 * differences or the store refused lines, 130 when it was stopped. Throws ConfigurationError, RetryableError.
 */
export async function replay(options: ReplayOptions): Promise<number> {
  const startedAt = Date.now()
  const config = loadAll()
  const request = parseRequest(options, config, startedAt)
  const stopping = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stopping.abort())

  const admin = await KafkaAdmin.open(config.kafka, log)
  const installation = new Installation(config, admin, request, log)
  try {
    if (options.discard) {
      const removed = await installation.remove()
      tell(
        removed > 0 ? 'Removed what an unfinished replay had left.' : 'No replay of this stretch was left.',
      )
      return 0
    }
    if (options.verify || request.stages.includes('store')) await requireInflux(config)
    await refuseBacklog(config, admin, request)
    const bounds = await installation.open()
    const records = sumOver(
      bounds.until,
      (end, topic, partition) => end - bounds.begin.get(topic)!.get(partition)!,
    )
    process.stderr.write(
      `${bounds.resumed ? 'Going on with' : 'Beginning'} the replay ${request.prefix}: ${records.toLocaleString('en')} raw records.\n`,
    )
    const display = startDisplay(process.stderr)
    const totals = await runStages({
      config,
      admin,
      request,
      installation,
      bounds,
      display,
      log,
      signal: stopping.signal,
    }).finally(() => display.close())

    const took = duration(Date.now() - startedAt)
    const read = `${records.toLocaleString('en')} raw records, ${totals.points.toLocaleString('en')} points`
    if (options.verify) {
      const differences = await verify(config, request, log, tell)
      await installation.remove()
      tell(`Compared: ${read}, in ${took}.`)
      return differences === 0 ? 0 : 1
    }
    const since = bounds.resumed ? ' since it was taken up again' : ''
    if (!request.stages.includes('store')) {
      tell(`Replayed ${read}${since} in ${took}. The result is in the topic ${resultTopic(request)}.`)
      tell('The same command with all stages goes on from there; with --discard it removes it.')
      return 0
    }
    await installation.remove()
    tell(
      `Replayed ${read}: ${totals.written.toLocaleString('en')} windows written to InfluxDB${since}, in ${took}.`,
    )
    if (totals.refused > 0)
      tell(
        `InfluxDB refused ${totals.refused.toLocaleString('en')} lines: see .tidemark/logs/${request.prefix}.`,
      )
    return totals.refused === 0 ? 0 : 1
  } catch (error) {
    if (!stopping.signal.aborted) throw error
    tell('Stopped. The same command goes on from here; with --discard it removes what was begun.')
    return 130
  } finally {
    await Promise.race([admin.close(), delay(1_000)])
  }
}

const tell = (text: string) => void process.stdout.write(`${text}\n`)

/** Throws ConfigurationError unless an InfluxDB is configured, RetryableError unless it answers. */
async function requireInflux({ influx }: ReturnType<typeof loadConfig<typeof allSections>>): Promise<void> {
  if (!influx.token && !isConfigured(['influx', 'url']))
    throw new ConfigurationError(
      'InfluxDB is not configured: set influx.url and TIDEMARK_INFLUX_TOKEN, or end the replay before it with --stages normalize,aggregate.',
    )
  await connectInflux(influx).ping()
}

import { Command } from 'commander'
import type { Marker } from '../../shared/avro/types.ts'
import { createLogger } from '../../shared/observability/logger.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import { AnomalyFinder, choiceOf, incidentOf } from '../mark/find-anomaly.ts'
import { IncidentFinder } from '../mark/find-incident.ts'
import { listMarkers } from '../mark/list.ts'
import {
  deployMarker,
  type MaintenanceOptions,
  type MarkerOptions,
  maintenanceMarker,
  removal,
  verdictMarker,
} from '../mark/make-marker.ts'
import { markerText } from '../mark/marker-text.ts'
import { publish } from '../mark/publish.ts'
import { readValues } from '../mark/read-values.ts'
import { loadAll } from '../sections.ts'
import { parseDuration } from './up.ts'

const log = createLogger('mark', 'silent')

interface VerdictOptions {
  readonly series?: string
  readonly at?: string
  readonly incident?: string
  readonly text?: string
  readonly who: string
}

/** `tidemark mark`: what the windows do not show. */
export function markCommand(): Command {
  const command = new Command('mark').description(
    'Tell the detector of deploys and maintenance, and which anomalies were expected or real.',
  )
  about(command.command('deploy'))
    .description('Something was deployed: anomalies that begin shortly after it say so.')
    .option('--at <time>', 'when, such as 2026-01-31T13:00:00Z (default: now)')
    .action((options: MarkerOptions & { at?: string }) => tell(deployMarker(options, Date.now())))
  about(command.command('maintenance'))
    .description('A time in which nothing is an anomaly, and nothing is learnt.')
    .option('--from <time>', 'when it begins, such as 2026-01-31T13:00:00Z (default: now)')
    .option('--to <time>', 'when it ends')
    .option('--for <duration>', 'how long it lasts, such as 90m or 2h', (text) => parseDuration(text))
    .action((options: MaintenanceOptions) => tell(maintenanceMarker(options, Date.now())))
  for (const [kind, does] of [
    ['expected', 'An anomaly was no reason for an alarm: one like it is not told again for a while.'],
    ['real', 'An anomaly was rightly told: it is not learnt as normal, and the next is told sooner.'],
  ] as const)
    signed(command.command(kind))
      .description(does)
      .argument('[anomaly]', 'its id; behind -- if it begins with a dash')
      .option('--series <name>', 'instead of the id its series, as its message names it: cpu.load{host=a}')
      .option('--at <time>', 'with --series: a time in it')
      .option('--incident <id>', 'instead of one all anomalies that this incident of several series names')
      .action((id: string | undefined, options: VerdictOptions) =>
        options.incident === undefined
          ? judge(kind, id, options)
          : judgeIncident(kind, incidentOf(id, options), options),
      )
  command
    .command('list')
    .description('List what was marked, the earliest first.')
    .option('--all', 'also what was over more than seven days ago')
    .option('--json', 'for programs')
    .action((options) => listMarkers(loadAll(), options, log))
  command
    .command('remove')
    .argument('<id>', 'of the marker, as list shows it')
    .description('Take a marker back.')
    .option('--who <name>', 'who says so', userName())
    .action(async (id: string, { who }: { who: string }) => {
      await publish(loadAll(), [removal(id, who, Date.now())], log)
      process.stdout.write(`Removed ${id}, if there was one.\n`)
    })
  return command
}

const about = (command: Command) =>
  signed(command)
    .option('--service <name>', 'about series with this tag service; * stands for any characters')
    .option('--match <pattern>', 'about series of these metrics, such as http.*')
    .option('--where <tag>', 'about series with this tag, such as host=web-*; may be given again', collect)
    .option('--id <id>', 'name it so: one of the same name is replaced')

const signed = (command: Command) =>
  command
    .option('--text <text>', 'what people should know of it, such as the version or the reason')
    .option('--who <name>', 'who says so', userName())

const collect = (text: string, before: readonly string[] = []) => [...before, text]

/** A container may have no name for its user. */
function userName(): string {
  const { USER, USERNAME } = process.env
  return USER ?? USERNAME ?? ''
}

async function tell(marker: Marker): Promise<void> {
  await publish(loadAll(), [marker], log)
  process.stdout.write(`Marked as ${marker.id}: ${markerText(marker)}\n`)
}

async function judge(kind: 'expected' | 'real', id: string | undefined, options: VerdictOptions) {
  const finder = new AnomalyFinder(choiceOf(id, options))
  const config = loadAll()
  const { anomalies } = topicsOf(config.kafka.topicPrefix)
  await readValues(config, anomalies, log, (anomaly) => finder.add(anomaly))
  await tell(verdictMarker(kind, finder.result(anomalies.name), options, Date.now()))
}

/** Those of its anomalies that the incident names: the foremost. */
async function judgeIncident(kind: 'expected' | 'real', id: string, options: VerdictOptions) {
  const config = loadAll()
  const { incidents, anomalies } = topicsOf(config.kafka.topicPrefix)
  const finder = new IncidentFinder(id)
  await readValues(config, incidents, log, (incident) => finder.addIncident(incident))
  const { series } = finder.incident(incidents.name)
  await readValues(config, anomalies, log, (anomaly) => finder.addAnomaly(anomaly))
  const markers = finder.judgeable.map((anomaly) => verdictMarker(kind, anomaly, options, Date.now()))
  await publish(config, markers, log)
  for (const marker of markers) process.stdout.write(`Marked as ${marker.id}: ${markerText(marker)}\n`)
  process.stdout.write(`Anomalies marked: ${markers.length}. The incident has ${series} series.\n`)
}

import { randomBytes } from 'node:crypto'
import type { Anomaly, MarkedAnomaly, Marker } from '../../shared/avro/types.ts'
import { ConfigurationError } from '../../shared/errors.ts'
import { markerFlaw } from '../../shared/markers/marker-flaw.ts'
import { parseTime } from '../replay/request.ts'

/** What a marker is about, and who tells it, as it stands on the command line. */
export interface MarkerOptions {
  readonly match?: string | undefined
  readonly where?: readonly string[] | undefined
  readonly service?: string | undefined
  readonly text?: string | undefined
  readonly who?: string | undefined
  readonly id?: string | undefined
}

interface DeployOptions extends MarkerOptions {
  readonly at?: string | undefined
}

export interface MaintenanceOptions extends MarkerOptions {
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** Milliseconds. */
  readonly for?: number | undefined
}

/** Something was deployed. `now` is wall time, milliseconds. Throws ConfigurationError. */
export const deployMarker = ({ at, ...options }: DeployOptions, now: number): Marker =>
  sound({ ...aboutMany('deploy', options), from: at === undefined ? now : parseTime('--at', at) }, now)

/** A time in which nothing is an anomaly. Throws ConfigurationError. */
export function maintenanceMarker(options: MaintenanceOptions, now: number): Marker {
  const { from, to, for: lengthMs } = options
  const begin = from === undefined ? now : parseTime('--from', from)
  if ((to === undefined) === (lengthMs === undefined))
    throw new ConfigurationError(
      'A maintenance needs its end: --to with a time, or --for with how long it lasts, such as 2h.',
    )
  const end = to === undefined ? begin + lengthMs! : parseTime('--to', to)
  if (end <= begin)
    throw new ConfigurationError(`--from ${timeText(begin)} is not before --to ${timeText(end)}.`)
  return sound({ ...aboutMany('maintenance', options), from: begin, to: end }, now)
}

/** What a person says of an anomaly, of which `anomaly` is the last record. Throws ConfigurationError. */
export function verdictMarker(
  kind: 'expected' | 'real',
  anomaly: Anomaly,
  { text = '', who = '' }: Pick<MarkerOptions, 'text' | 'who'>,
  now: number,
): Marker {
  // It would move the threshold of the series by itself, of which it says nothing, or of none.
  if (anomaly.model === 'peers' || anomaly.model === 'joint')
    throw new ConfigurationError(
      `The anomaly “${anomaly.id}” was found by looking at several series together (detector.peers, detector.entities), which takes no word of people: leave the series out of the rule, or tell of a maintenance.`,
    )
  const { id, start } = anomaly
  return sound(
    {
      // What is said later of the same anomaly counts.
      ...{ id, kind, isRemoved: false, metric: '*', where: {}, from: start, to: null, who, text },
      anomaly: markedAnomaly(anomaly),
    },
    now,
  )
}

/** What the detector must know of it. */
export function markedAnomaly(anomaly: Anomaly): MarkedAnomaly {
  const { id, series, windowSizeMs, statistic, start, end, direction, surprise } = anomaly
  const { kind, value, expected, lower, upper } = anomaly
  const isOutside = kind !== 'missing' && (value > upper || value < lower)
  const distance = isOutside ? Math.abs(value - expected) : null
  return { id, series, windowSizeMs, statistic, start, end, direction, surprise, distance }
}

/** Takes a marker back, whatever it is. Throws ConfigurationError. */
export const removal = (id: string, who: string, now: number): Marker =>
  sound(
    {
      ...{ id, kind: 'note', isRemoved: true, metric: '*', where: {}, from: now, to: null },
      ...{ who, text: '', anomaly: null },
    },
    now,
  )

function aboutMany(kind: 'deploy' | 'maintenance', options: MarkerOptions): Omit<Marker, 'from'> {
  const { match, where = [], service, text = '', who = '', id } = options
  if (match === undefined && where.length === 0 && service === undefined)
    throw new ConfigurationError(
      `Say what the ${kind} is about: --service, --match with a pattern for metrics, --where with a tag; --match '*' is for all.`,
    )
  return {
    id: id ?? `${kind}-${randomBytes(5).toString('hex')}`,
    kind,
    isRemoved: false,
    metric: match ?? '*',
    where: { ...tagsOf(where), ...(service !== undefined && { service }) },
    to: null,
    who,
    text,
    anomaly: null,
  }
}

function tagsOf(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=')
      if (at < 1 || at === text.length - 1)
        throw new ConfigurationError(`--where takes a tag such as host=web-*, not “${text}”.`)
      return [text.slice(0, at), text.slice(at + 1)]
    }),
  )
}

/** Throws ConfigurationError for what the detector would refuse. */
function sound(marker: Marker, now: number): Marker {
  const flaw = markerFlaw(marker, now)
  if (flaw) throw new ConfigurationError(`The marker would be refused: ${flaw}.`)
  return marker
}

const timeText = (time: number) => new Date(time).toISOString()

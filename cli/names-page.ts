import type { Mapping, MappingGroup } from '../services/normalizer/names/mapping.ts'

const intro = `# Names of metrics

This page is written by \`npm run generate\` from the tables in services/normalizer/names.

With \`normalizer.names: original\`, the default, metrics keep the names, units and kinds with which they come. With \`canonical\` those
listed here get the names of OpenTelemetry's semantic conventions, or of its Collector's receivers where the conventions say nothing; names
under \`messaging.\`, \`thread_pool.\` and \`cache.\` are our own, and so are \`system.paging.io\` and the counts and times beside durations:
\`http.server.request.count\`, \`http.server.request.time\`, \`rpc.server.call.count\`, \`jvm.gc.count\`, \`jvm.gc.time\`. All others stay as they are.

- The kind becomes known: counters of Telegraf are counters, though line protocol does not say so, and their windows are rates.
- Values are converted as the table says, in doubles. One that would grow beyond a double's range is the largest double.
- Histograms and summaries are renamed where nothing is to be converted, and keep their name otherwise.
- A series keeps its name when its format or \`normalizer.kinds\` tell another kind, when it tells another unit than the agent's, when
  two of its tags would have one key, or when it would have more than \`normalizer.maxTags\` tags.
- Tags that the table does not name stay as they are.
- What StatsD counts stays a delta under the same name: count a thing by StatsD or by Prometheus, not both.
- Series that get the same name and tags become one. Where two agents measure the same thing of one host, and tell it by the same
  tags, set \`normalizer.originalNameTag\`: the agent's name, kept in that tag, tells them apart.

\`detector.missing\` and \`detector.calendar\`, \`aggregator.rollUps\`, \`.ratios\` and \`.apdexes\`, and dashboards go by the new names: change them together. Windows of the old names end, and
those of the new begin.
`

/** docs/names.md, as Markdown. */
export function namesPage(groups: readonly MappingGroup[]): string {
  const subjects = Map.groupBy(groups, ({ subject }) => subject)
  const parts = [...subjects].map(([subject, members]) =>
    [`## ${subject}\n`, ...members.map(table)].join('\n'),
  )
  return `${[intro, ...parts].join('\n')}`
}

const table = ({ agent, mappings }: MappingGroup) => `### ${agent}

| from | to | tags | unit | kind | value |
|---|---|---|---|---|---|
${mappings.map(row).join('\n')}
`

const row = (mapping: Mapping) =>
  `| \`${nameOf(mapping)}\` | \`${mapping.to}\` | ${tagsOf(mapping)} | \`${mapping.unit}\` | ${mapping.kind} | ${valueIn(mapping)} |`

function nameOf({ from, where }: Mapping): string {
  const tags = Object.entries(where ?? {}).map(([key, value]) => `${key}=${value}`)
  return tags.length > 0 ? `${from}{${tags.join(',')}}` : from
}

function tagsOf({ tags, set }: Mapping): string {
  const renamed = Object.entries(tags ?? {}).map(([key, { to, values = {}, without }]) => {
    const notes = [
      ...Object.entries(values).map(
        ([from, value]) => `\`${from}\` ${value === null ? 'left out' : `is \`${value}\``}`,
      ),
      ...(without ? [`without \`${without}\``] : []),
    ]
    return `\`${key}\` → \`${to}\`${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`
  })
  return [...renamed, ...Object.entries(set ?? {}).map(([key, value]) => `\`${key}=${value}\``)].join(', ')
}

function valueIn({ times, dividedBy, plus }: Mapping): string {
  return [times && `× ${times}`, dividedBy && `/ ${dividedBy}`, plus && `+ ${plus}`].filter(Boolean).join(' ')
}

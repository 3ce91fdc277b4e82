import type { ServiceName } from '../../cli/services.ts'
import { type BenchContext, until } from './bench.ts'
import type { Installation } from './installation.ts'
import { readWindows } from './read-windows.ts'
import { type Measured, measured, round } from './result.ts'
import { requireRunning, startService, untilReady } from './service-process.ts'
import type { Settings } from './settings.ts'
import { type TallyReport, WindowTally } from './window-tally.ts'
import type { Workload } from './workload.ts'

const timeoutMs = 600_000

/** Of a series' percentile: what the sketch promises. */
const maxError = 0.01

/** How many processes of each service. */
type Workers = Readonly<Partial<Record<ServiceName, number>>>

/** Telemetry that comes only when the services run, so that neither their start nor their first steps are measured. */
interface Feed {
  /** What is not counted. Resolves when the services have read it. */
  warmUp(): Promise<void>
  /** The workload. The services stand still meanwhile: all find the same backlog, however fast it was written. */
  write(): Promise<void>
}

/** Services that stand still keep their partitions for so long. */
export const standstill: Settings = { TIDEMARK_WORKER_SESSION_TIMEOUT_MS: '120000' }

/**
 * Runs services until every window has come, and checks each: on a backlog, or with `feed` on what comes while they run.
 * Throws Error when a window does not come or is wrong.
 */
export async function runPipeline(
  context: BenchContext,
  installation: Installation,
  workload: Workload,
  workers: Workers,
  feed?: Feed,
): Promise<Measured> {
  const tally = new WindowTally(workload)
  await readWindows(context, installation, (window) => tally.add(window))
  let started = performance.now()
  const services = await Promise.all(
    Object.entries(workers).flatMap(([name, count]) =>
      Array.from({ length: count }, () => startService(context, installation, name as ServiceName)),
    ),
  )
  await Promise.all(services.map((service) => untilReady(context, service)))
  await feed?.warmUp()
  const startCpuSeconds = cpuOf(services)
  if (feed) {
    signal(services, 'SIGSTOP')
    await feed.write().finally(() => signal(services, 'SIGCONT'))
    started = performance.now()
  }
  await until(
    () => {
      services.forEach(requireRunning)
      return tally.complete
    },
    context,
    timeoutMs,
    () => `${tally.right} of ${workload.seriesWindows} windows have come with all their points`,
  )
  const cpuSeconds = cpuOf(services)
  const wallSeconds = (performance.now() - started) / 1_000
  const byService = Object.entries(Object.groupBy(services, ({ name }) => name)).map(([name, group]) => [
    `${name}_cpu_s`,
    round(cpuOf(group)),
  ])
  const residentBytes = services.map((service) => service.residentBytes())
  await Promise.all(services.map((service) => service.stop()))
  const report = tally.report()
  requireRight(report, workload)
  return measured(workload.points, cpuSeconds, wallSeconds, {
    ...(Object.fromEntries(byService) as Record<string, number>),
    // Of cpu_s: spent until all had joined their groups, and had warmed up.
    start_cpu_s: round(startCpuSeconds),
    largest_rss_bytes: Math.max(...residentBytes),
    ...tallyFigures(report),
  })
}

function signal(processes: readonly { readonly pid: number }[], name: NodeJS.Signals): void {
  for (const { pid } of processes) process.kill(pid, name)
}

const cpuOf = (processes: readonly { cpuSeconds(): number }[]) =>
  processes.reduce((sum, process_) => sum + process_.cpuSeconds(), 0)

/** Throws Error: the speed of something wrong is no figure. */
function requireRight({ points, doubled, wrongCounts, p99Error }: TallyReport, workload: Workload): void {
  if (points !== workload.points || doubled > 0 || wrongCounts > 0 || p99Error > maxError)
    throw new Error(
      `The windows are wrong: ${points} of ${workload.points} points, ${doubled} windows twice, ${wrongCounts} counts wrong, P99 off by up to ${(p99Error * 100).toFixed(2)} %.`,
    )
}

export const tallyFigures = (report: TallyReport) => ({
  windows: report.windows,
  points_counted: report.points,
  revisions: report.revisions,
  doubled: report.doubled,
  p99_error: Math.round(report.p99Error * 1e5) / 1e5,
  p99_checked: report.p99Checked,
})

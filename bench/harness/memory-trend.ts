import { linearRegression, mean } from 'simple-statistics'

/** Resident memory at one moment. */
export interface MemorySample {
  /** Since the load began. */
  readonly minutes: number
  readonly bytes: number
}

/** Where memory went over a long run. */
interface MemoryTrend {
  /** Least squares over the samples that count; negative where it fell. */
  readonly rss_slope_bytes_per_min: number
  readonly rss_mean_bytes: number
  readonly rss_max_bytes: number
}

/** Of the samples from that minute on: before, caches fill and code is compiled. */
export function memoryTrend(samples: readonly MemorySample[], fromMinute: number): MemoryTrend {
  const counted = samples.filter(({ minutes }) => minutes >= fromMinute)
  const bytes = counted.map((sample) => sample.bytes)
  return {
    rss_slope_bytes_per_min: Math.round(
      linearRegression(counted.map((sample) => [sample.minutes, sample.bytes])).m,
    ),
    rss_mean_bytes: Math.round(mean(bytes)),
    rss_max_bytes: Math.max(...bytes),
  }
}

/** The mean of each minute, as a table shows it. */
export const minuteByMinute = (samples: readonly MemorySample[]) =>
  [...Map.groupBy(samples, ({ minutes }) => Math.floor(minutes))].map(([minute, inIt]) => ({
    minute,
    rss_bytes: Math.round(mean(inIt.map(({ bytes }) => bytes))),
  }))

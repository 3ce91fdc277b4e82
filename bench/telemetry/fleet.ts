import { hostName } from '../harness/workload.ts'
import type { Random } from './telemetry.ts'

/** Machines of a fleet; the metrics of each add up to 10,000 series in all. */
export interface Host {
  readonly number: number
  readonly name: string
  readonly region: string
}

const regions = ['eu-west-1', 'us-east-1', 'ap-south-1'] as const

export const hostsOf = (count: number): readonly Host[] =>
  Array.from({ length: count }, (_, number) => ({
    number,
    name: hostName(number),
    region: regions[number % regions.length]!,
  }))

/** A share in percent, with all the digits that a division leaves, as agents compute it. */
export const percent = (random: Random): number => (100 * Math.floor(random() * 1_009)) / 1_009

/** A whole number that is as likely small as large, below 10 to the power of `digits`. */
export const sizeOf = (random: Random, digits = 11): number => Math.floor(10 ** (random() * digits))

/** A counter's reading: each counts up at a pace of its own, and has done so for long. */
export const counterAt = (series: number, moment: number, random: Random): number =>
  ((series * 7_919) % 1_000) * 1_000_000 +
  moment * (100 + ((series * 31) % 5_000)) +
  Math.floor(random() * 100)

export const pick = <T>(list: readonly T[], random: Random): T => list[Math.floor(random() * list.length)]!

/** So many hexadecimal digits. */
export function hexDigits(count: number, random: Random): string {
  let digits = ''
  while (digits.length < count)
    digits += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  return digits.slice(0, count)
}

import { hexDigits, pick, sizeOf } from './fleet.ts'
import type { Random } from './telemetry.ts'

/** What an application of a shop says in a line, sixty to ninety characters. */
export function logText(random: Random): string {
  const order = sizeOf(random, 7)
  const customer = sizeOf(random, 6)
  return pick(
    [
      `Order ${order} of customer ${customer} was paid with a card in ${sizeOf(random, 3)} ms`,
      `Reserved ${sizeOf(random, 2)} items of order ${order} in warehouse Rotterdam-${customer % 9}, queued for packing`,
      `GET /api/v1/orders/${order} answered 200 in ${sizeOf(random, 4)} ms (${sizeOf(random, 6)} bytes)`,
      `Cache miss for key cart:${hexDigits(12, random)}, loaded from primary in ${sizeOf(random, 3)} ms`,
      `Retrying call to payments after ${sizeOf(random, 4)} ms: connection reset by peer (attempt ${customer % 3} of 3)`,
    ],
    random,
  )
}

export const levels = ['INFO', 'INFO', 'INFO', 'DEBUG', 'WARN', 'ERROR'] as const

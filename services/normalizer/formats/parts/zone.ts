import { GenerationalCache } from '../../../../shared/series/generational-cache.ts'

/** What clocks show where times are written without an offset. */
export interface Zone {
  /** Milliseconds that clocks are ahead of UTC when they show `localTime`, given as if it were UTC. */
  offsetAt(localTime: number): number
}

export const utc: Zone = { offsetAt: () => 0 }

/** Offsets change at quarters of an hour at most. */
const stepMs = 900_000

/** Of an IANA name such as `Europe/Berlin`. Throws RangeError when there is no such zone. */
export function zoneOf(name: string): Zone {
  if (name === 'UTC') return utc
  const format = new Intl.DateTimeFormat('en', { timeZone: name, timeZoneName: 'longOffset' })
  const known = new GenerationalCache<number, number>(1_000)
  return {
    offsetAt(localTime) {
      const step = Math.floor(localTime / stepMs)
      let offset = known.get(step)
      if (offset === undefined) {
        // Clocks that go back show an hour twice: the first of the two is taken.
        const before = offsetOf(format, localTime - 86_400_000)
        const inside = offsetOf(format, localTime - before)
        offset = offsetOf(format, localTime - inside) === inside ? inside : before
        known.set(step, offset)
      }
      return offset
    },
  }
}

export function isZone(name: string): boolean {
  try {
    zoneOf(name)
    return true
  } catch {
    return false
  }
}

function offsetOf(format: Intl.DateTimeFormat, time: number): number {
  const name = format.formatToParts(time).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(name) ?? []
  if (!sign) return 0
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}

/** Sizes of the registers in which agents count; one that overflows begins again at 0. */
const registers = [2 ** 32, 2 ** 64]

/**
 * What a cumulative counter gained from one reading to the next. A value that went down was either reset to 0, or the
 * register overflowed: that is assumed when the earlier reading was in the last sixteenth of a register and the later
 * one is in the first, since a reset right there would be a rare chance.
 */
export function increaseBetween(earlier: number, later: number): number {
  if (later >= earlier) return later - earlier
  for (const size of registers) {
    if (earlier < size && earlier >= (size / 16) * 15 && later >= 0 && later < size / 16)
      return size - earlier + later
  }
  return later
}

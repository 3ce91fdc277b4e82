import { describe, expect, it } from 'vitest'
import type { Marker } from '../../../shared/avro/types.ts'
import { markerFlaw } from '../../../shared/markers/marker-flaw.ts'
import { anyAnomaly } from '../../support/any-anomaly.ts'
import { begin } from '../../support/detector.ts'
import { deployAt, maintenanceOf, removed, verdictOn } from '../../support/markers.ts'

const verdict = verdictOn(anyAnomaly(), 'real')
const many = Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`k${i}`, 'v']))

describe('a marker', () => {
  it.each<[string, Marker]>([
    ['a deploy', deployAt(1)],
    ['a maintenance that was', maintenanceOf(-1e6, -1e6 + 5)],
    ['a verdict', verdict],
    ['a removal', removed(deployAt(1))],
    ['a removal at no time', { ...removed(deployAt(1)), from: Number.NaN }],
  ])('may be %s', (_, marker) => {
    expect(markerFlaw(marker, begin)).toBeUndefined()
  })

  it.each<[Marker, string]>([
    [{ ...deployAt(1), id: 'x'.repeat(201) }, 'its id has 201 characters, not 1 to 200'],
    [{ ...deployAt(1), text: 'x'.repeat(9_000) }, 'more than 8192'],
    [{ ...deployAt(1), where: { a: 'x'.repeat(9_000) } }, 'more than 8192'],
    [{ ...deployAt(1), where: many }, 'it names more than 20 tags'],
    [{ ...deployAt(1), from: 9e15 }, 'it begins at no time that there is'],
    [deployAt(1e6), 'it begins more than 92 days after it was told'],
    [{ ...deployAt(1), to: begin + 1e6 }, 'only a maintenance has an end, and it is of the kind deploy'],
    [maintenanceOf(2, 2), 'a maintenance needs an end after its beginning'],
    [maintenanceOf(0, 1e6), 'it lasts longer than 31 days: that belongs in detector.calendar'],
    [{ ...verdict, anomaly: null }, 'of the kind real it must name an anomaly'],
    [{ ...deployAt(1), anomaly: verdict.anomaly }, "of the kind deploy it can't name an anomaly"],
    [{ ...verdict, from: verdict.from + 1 }, 'it does not begin with its anomaly'],
    [
      { ...verdict, anomaly: { ...verdict.anomaly!, surprise: Number.NaN } },
      'its anomaly has the surprise NaN',
    ],
    [
      { ...verdict, anomaly: { ...verdict.anomaly!, end: verdict.from } },
      'its anomaly ends before it starts',
    ],
    [{ ...verdict, anomaly: { ...verdict.anomaly!, distance: -1 } }, 'its anomaly has the distance -1'],
    [{ ...verdict, anomaly: { ...verdict.anomaly!, windowSizeMs: 0 } }, 'its anomaly has windows of 0 ms'],
  ])('is refused: %#', (marker, sentence) => {
    expect(markerFlaw(marker, begin)).toContain(sentence)
  })
})

import { describe, expect, it } from 'vitest'
import { concerns } from '../../../../cli/replay/copy-markers.ts'
import type { Marker } from '../../../../shared/avro/types.ts'
import { anyAnomaly } from '../../../support/any-anomaly.ts'
import { begin, sizeMs } from '../../../support/detector.ts'
import { deployAt, maintenanceOf, removed, verdictOn } from '../../../support/markers.ts'

const stretch = { readFrom: begin, to: begin + 100 * sizeMs }

describe('a replay', () => {
  it.each<[string, Marker, boolean]>([
    ['a maintenance that reaches into it', maintenanceOf(-5, 1), true],
    ['a maintenance that was over', maintenanceOf(-5, 0), false],
    ['a maintenance that comes after it', maintenanceOf(100, 101), false],
    ['a deploy shortly before', deployAt(-30), true],
    ['a deploy of last week', deployAt(-60_480), false],
    ['a deploy that was taken back', removed(deployAt(1)), false],
    ['what was said of an anomaly long before', verdictOn(anyAnomaly({ start: 0 }), 'expected'), true],
  ])('of a stretch knows of %s: %s', (_, marker, expected) => {
    expect(concerns(marker, stretch)).toBe(expected)
  })
})

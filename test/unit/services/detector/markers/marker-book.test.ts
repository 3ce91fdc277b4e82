import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MarkerBook } from '../../../../../services/detector/markers/marker-book.ts'
import { markerForm, readMarkerKey } from '../../../../../services/detector/markers/store-form.ts'
import type { Marker, Series } from '../../../../../shared/avro/types.ts'
import { anyAnomaly } from '../../../../support/any-anomaly.ts'
import { begin, sizeMs } from '../../../../support/detector.ts'
import { deployAt, maintenanceOf, removed, verdictOn } from '../../../../support/markers.ts'
import { RecordingOutput } from '../../../../support/recording-output.ts'

const series: Series = { metric: 'm', tags: [], kind: 'gauge', unit: '' }
const watch = { series, statistic: 'mean', sizeMs }
const keepMs = 20 * sizeMs
const newBook = () => new MarkerBook(() => keepMs)

const anyMarker: fc.Arbitrary<Marker> = fc.oneof(
  fc.nat(60).map((at) => deployAt(at, { id: `d${at % 3}` })),
  fc
    .tuple(fc.nat(60), fc.integer({ min: 1, max: 10 }))
    .map(([from, length]) => maintenanceOf(from, from + length, { id: `m${from % 3}` })),
  fc.nat(60).map((at) => ({
    ...verdictOn(anyAnomaly({ start: begin + at * sizeMs }), 'expected'),
    id: `v${at % 3}`,
  })),
  fc.constantFrom('d0', 'd1', 'm0', 'm1', 'v0', 'v1').map((id) => removed(deployAt(0, { id }))),
)

/** All that can be asked of a book, as it was known after each of so many records. */
const knowledge = (book: MarkerBook, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({
    watch: book.of(watch, from + i),
    deploy: book.deployOf(series, -Infinity, Infinity, from + i),
  }))

describe('MarkerBook', () => {
  it('knows after a restart, at each record that is read again and after, what it knew', () => {
    fc.assert(
      fc.property(
        fc.array(anyMarker, { minLength: 1, maxLength: 40 }),
        fc.nat(40),
        fc.nat(40),
        (log, a, b) => {
          const [resume, crash] = [Math.min(a, b, log.length), Math.min(Math.max(a, b), log.length)]
          const step = (book: MarkerBook, offset: number) => {
            book.take(log[offset]!, offset)
            if (offset % 5 === 4) book.expire(begin + offset * 2 * sizeMs, offset)
          }
          const out = new RecordingOutput()
          const undisturbed = newBook()
          for (let offset = 0; offset < crash; offset++) {
            step(undisturbed, offset)
            undisturbed.save(out)
          }
          undisturbed.forgetBefore(resume, out)
          const restored = newBook()
          restored.restore([...out.state.values()].map((bytes) => markerForm.decode(bytes)))
          for (let offset = resume; offset < crash; offset++) {
            expect(knowledge(restored, offset, offset + 1)[0]).toEqual(
              knowledge(undisturbed, offset, offset + 1)[0],
            )
            step(restored, offset)
          }
          for (let offset = crash; offset < log.length; offset++)
            for (const book of [undisturbed, restored]) step(book, offset)
          expect(knowledge(restored, resume, log.length)).toEqual(knowledge(undisturbed, resume, log.length))
          expect(restored.size).toBe(undisturbed.size)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('forgets what is over, and what was taken back, in its state too', () => {
    const out = new RecordingOutput()
    const book = newBook()
    book.take(deployAt(1), 0)
    book.take(maintenanceOf(1, 5), 1)
    book.take(removed(deployAt(1)), 2)
    book.save(out)
    expect([...out.state.keys()].map(readMarkerKey)).toEqual([0, 1])
    expect(book.expire(begin + 5 * sizeMs + keepMs, 3)).toBe(false)
    expect(book.expire(begin + 5 * sizeMs + keepMs + 1, 4)).toBe(true)
    book.save(out)
    book.forgetBefore(3, out)
    expect([...out.state.keys()].map(readMarkerKey)).toEqual([1])
    book.forgetBefore(5, out)
    expect(out.state.size).toBe(0)
    expect(book.size).toBe(0)
  })

  it('lets what was said last of an anomaly count, and no more than sixteen of a series', () => {
    const book = newBook()
    for (let i = 0; i < 20; i++) {
      const anomaly = { ...anyAnomaly({ start: begin + (20 - i) * sizeMs }), id: `a${i}` }
      book.take(verdictOn(anomaly, 'expected'), 2 * i)
      book.take(verdictOn(anomaly, 'real'), 2 * i + 1)
    }
    const { said } = book.of(watch, 100)
    expect(said.map(({ start }) => (start - begin) / sizeMs)).toEqual(
      Array.from({ length: 16 }, (_, i) => i + 5),
    )
    expect(new Set(said.map(({ verdict }) => verdict))).toEqual(new Set(['real']))
    expect(book.of({ ...watch, statistic: 'p99' }, 100).said).toEqual([])
  })
})

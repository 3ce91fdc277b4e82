/**
 * Time and memory of sketches: `node --expose-gc bench/micro/sketch.ts`, with `--memory` also of a million of them. Times
 * are CPU time of this process, the best of many short rounds.
 */
import { SketchStore } from '../../shared/sketch/sketch-store.ts'
import { seededRandom } from '../../test/support/random.ts'

/** As latencies are: log-normal with sigma 0.5. */
const samples = logNormal(1 << 20, 0.5)
const sampleAt = (i: number) => samples[i & (samples.length - 1)]!

for (const count of [1, 100, 10_000]) {
  const { store, handles } = filled(count, 100)
  let next = 0
  report(`add to ${count} sketches of 100 samples, in turn`, 100_000, (i) => {
    store.add(handles[next]!, sampleAt(i))
    next = next + 1 === count ? 0 : next + 1
  })
}

const { store, handles } = filled(1_000, 100)
const handleAt = (i: number) => handles[i % handles.length]!
const bytes = handles.map((handle) => store.toBytes(handle))
const whole = store.copy(handles[0]!)
const quantiles = [0.5, 0.9, 0.95, 0.99]
const results = new Float64Array(quantiles.length)

report('fill a sketch with 100 samples', 1_000, (i) => {
  const handle = store.create()
  for (let j = 0; j < 100; j++) store.add(handle, sampleAt(100 * i + j))
  store.free(handle)
})
report('copy one of 100 samples', 10_000, (i) => store.free(store.copy(handleAt(i))))
report('merge two of 100 samples, and copy one', 10_000, (i) => {
  const copy = store.copy(handleAt(i))
  store.merge(copy, handleAt(i + 1))
  store.free(copy)
})
report('merge one of 100 samples into one of many', 10_000, (i) => store.merge(whole, handleAt(i)))
report('four quantiles of 100 samples', 10_000, (i) => store.quantiles(handleAt(i), quantiles, results))
report('toBytes of 100 samples', 10_000, (i) => store.toBytes(handleAt(i)))
report('mergeBytes of 100 samples into an empty one', 10_000, (i) => {
  const handle = store.create()
  store.mergeBytes(handle, bytes[i % bytes.length]!)
  store.free(handle)
})
const length = bytes.reduce((sum, { length }) => sum + length, 0) / bytes.length
console.log(`\nbyte form of 100 samples: ${Math.round(length)} bytes`)

if (process.argv.includes('--memory')) {
  console.log('\nmemory in bytes a sketch: held by the store; resident')
  for (const [count, samplesEach] of [
    [1_000_000, 10],
    [1_000_000, 100],
    [100_000, 1_000],
  ] as const)
    await memory(count, samplesEach)
}

function filled(count: number, samplesEach: number) {
  const store = new SketchStore()
  const handles = Array.from({ length: count }, () => store.create())
  for (let i = 0; i < count * samplesEach; i++) store.add(handles[i % count]!, sampleAt(i))
  return { store, handles }
}

/** Of sketches that are filled side by side, as an aggregator does; the handles are the store's, not the caller's. */
async function memory(count: number, samplesEach: number): Promise<void> {
  const before = await resident()
  const store = new SketchStore()
  let first = 0
  for (let i = 0; i < count; i++) first = i === 0 ? store.create() : store.create() - i
  for (let i = 0; i < count * samplesEach; i++) store.add(first + (i % count), sampleAt(i))
  const after = await resident()
  const each = (bytes: number) => Math.round(bytes / count)
  console.log(`${count} of ${samplesEach} samples: ${each(store.bytes)}; ${each(after - before)}`)
}

async function resident(): Promise<number> {
  globalThis.gc?.()
  // What was given up is unmapped by other threads.
  await new Promise((resolve) => setTimeout(resolve, 500))
  return process.memoryUsage.rss()
}

function report(name: string, times: number, run: (i: number) => void): void {
  let best = Infinity
  for (let round = 0; round < 20; round++) {
    const start = process.cpuUsage()
    for (let i = 0; i < times; i++) run(round * times + i)
    const { user, system } = process.cpuUsage(start)
    best = Math.min(best, (user + system) / times)
  }
  console.log(`${name}: ${Math.round(best * 1000)} ns`)
}

/** By Box and Muller. */
function logNormal(count: number, sigma: number): Float64Array {
  const random = seededRandom(7)
  return Float64Array.from({ length: count }, () =>
    Math.exp(sigma * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())),
  )
}

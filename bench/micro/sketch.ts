/** Time and memory of the sketches: `node bench/micro/sketch.ts`. Times are CPU time of this process. */
import { SketchStore } from '../../shared/sketch/sketch-store.ts'

/** Latencies as they are: log-normal, sigma 0.5. The same at each run. */
const samples = logNormal(1_000_003, 0.5)

const store = new SketchStore()
const sketches = Array.from({ length: 10_000 }, () => store.create())
let next = 0

function fill(handle: number, count: number): void {
  for (let i = 0; i < count; i++) {
    store.add(handle, samples[next]!)
    next = next + 1 === samples.length ? 0 : next + 1
  }
}

report('add, 10,000 sketches in turn, up to 100 samples', 1_000_000, () => {
  for (let i = 0; i < 1_000_000; i++) store.add(sketches[i % 10_000]!, samples[i]!)
})
report('add, 10,000 sketches in turn, up to 1,000 samples', 9_000_000, () => {
  for (let round = 0; round < 9; round++)
    for (let i = 0; i < 1_000_000; i++) store.add(sketches[i % 10_000]!, samples[i]!)
})

for (const handle of sketches) store.clear(handle)
for (const handle of sketches) fill(handle, 100)
const rounds = 100_000
const at = (i: number) => sketches[i % 10_000]!

report('merge two of 100 samples, and copy the first', rounds, () => {
  for (let i = 0; i < rounds; i++) {
    const copy = store.copy(at(i))
    store.merge(copy, at(i + 1))
    store.free(copy)
  }
})
report('copy one of 100 samples', rounds, () => {
  for (let i = 0; i < rounds; i++) store.free(store.copy(at(i)))
})
const results = new Float64Array(4)
report('four quantiles of 100 samples', rounds, () => {
  for (let i = 0; i < rounds; i++) store.quantiles(at(i), [0.5, 0.9, 0.95, 0.99], results)
})
const bytes = sketches.map((handle) => store.toBytes(handle))
report('toBytes of 100 samples', rounds, () => {
  for (let i = 0; i < rounds; i++) store.toBytes(at(i))
})
report('mergeBytes of 100 samples into an empty one', rounds, () => {
  for (let i = 0; i < rounds; i++) {
    const copy = store.create()
    store.mergeBytes(copy, bytes[i % 10_000]!)
    store.free(copy)
  }
})
console.log(
  `bytes of 100 samples: ${Math.round(bytes.reduce((sum, { length }) => sum + length, 0) / bytes.length)}`,
)

if (process.argv[2] === 'memory')
  for (const count of [10, 100, 1_000])
    memory(count, 'in turn', 100_000_000 / count < 1_000_000 ? 100_000 : 1_000_000)
if (process.argv[2] === 'memory') memory(100, 'at random', 1_000_000)

/** What sketches of `count` samples each take, filled side by side as an aggregator does. */
function memory(count: number, order: 'in turn' | 'at random', sketchCount: number): void {
  const before = used()
  const many = new SketchStore()
  const handles = Uint32Array.from({ length: sketchCount }, () => many.create())
  let state = 1
  for (let i = 0; i < count * sketchCount; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const at = order === 'in turn' ? i % sketchCount : Math.floor((state / 2 ** 32) * sketchCount)
    many.add(handles[at]!, samples[i % samples.length]!)
  }
  const after = used()
  const per = (key: 'rss' | 'external' | 'heapUsed') => Math.round((after[key] - before[key]) / sketchCount)
  console.log(
    `memory of ${sketchCount} sketches with ${count} samples, ${order}: ${Math.round(many.bytes / sketchCount)} bytes each held by the store;`,
    `resident ${per('rss')}, outside the heap ${per('external')}, in the heap ${per('heapUsed')}`,
  )
  if (handles.length !== many.size) throw new Error('lost sketches')
}

function used(): NodeJS.MemoryUsage {
  globalThis.gc?.()
  return process.memoryUsage()
}

function report(name: string, times: number, run: () => void): void {
  const start = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(start)
  const nanoseconds = ((user + system) / times) * 1000
  console.log(`${name}: ${nanoseconds.toFixed(0)} ns each, ${(1000 / nanoseconds).toFixed(1)} M/s`)
}

function logNormal(count: number, sigma: number): Float64Array {
  let state = 7
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state + 0.5) / 2 ** 32
  }
  return Float64Array.from({ length: count }, () =>
    Math.exp(sigma * Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())),
  )
}

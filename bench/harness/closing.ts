import type { BenchContext } from './bench.ts'

/** Does a part of a benchmark. What it hands to `atEnd` is closed with it, however it ends, the last first. */
export async function closing<T>(
  context: Omit<BenchContext, 'atEnd'>,
  work: (context: BenchContext) => Promise<T>,
): Promise<T> {
  const closers: (() => Promise<void>)[] = []
  try {
    return await work({ ...context, atEnd: (close) => closers.push(close) })
  } finally {
    for (const close of closers.toReversed())
      await close().catch((error: Error) => process.stderr.write(`! ${error.message}\n`))
  }
}

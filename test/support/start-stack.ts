import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { type Stack, type StackAddresses, startStack } from '../../stack/index.ts'
import { terminalProgress } from '../../stack/progress.ts'

declare module 'vitest' {
  interface ProvidedContext {
    stack: StackAddresses
    stackKind: Stack['kind']
    missing: readonly string[]
  }
}

/** Starts the real servers once for all files, and stops them after the last. */
export default async function startServers(project: TestProject): Promise<() => Promise<void>> {
  const stopping = new AbortController()
  const stopEarly = () => stopping.abort()
  process.once('SIGINT', stopEarly)
  const progress = terminalProgress(process.stderr)
  const stack = await startStack({
    directory: join(process.cwd(), '.tidemark', 'test-stack'),
    progress,
    signal: stopping.signal,
  })
  progress.close()
  project.provide('stack', stack.addresses)
  project.provide('stackKind', stack.kind)
  project.provide(
    'missing',
    stack.leftOut.map(({ server }) => server),
  )
  for (const { server, why } of stack.leftOut)
    process.stderr.write(`! ${server} is left out: ${why}. Its tests are skipped.\n`)
  return async () => {
    process.off('SIGINT', stopEarly)
    await stack.stop()
  }
}

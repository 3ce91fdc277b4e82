import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Installation } from './pipeline.ts'

const root = join(import.meta.dirname, '..', '..')

/** A run of the `tidemark` command that has ended. */
interface CommandResult {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunningCommand {
  readonly process: ChildProcess
  /** What it has written so far. */
  readonly output: { stdout: string; stderr: string }
  readonly result: Promise<CommandResult>
}

/** Starts `tidemark` with these arguments, configured for the installation. */
export function startCommand({ env }: Pick<Installation, 'env'>, args: readonly string[]): RunningCommand {
  const child = spawn(process.execPath, [join(root, 'cli', 'main.ts'), ...args], {
    env: { ...process.env, ...env },
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (bytes: Buffer) => {
    output.stdout += bytes
  })
  child.stderr.on('data', (bytes: Buffer) => {
    output.stderr += bytes
  })
  const result = new Promise<CommandResult>((resolve) =>
    child.once('close', (status) => resolve({ status, ...output })),
  )
  return { process: child, output, result }
}

export const runCommand = (installation: Pick<Installation, 'env'>, args: readonly string[]) =>
  startCommand(installation, args).result

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

interface CommandOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly signal?: AbortSignal | undefined
  /** Sees each line that the command prints, on either stream. */
  onLine?(line: string): void
}

const keptLines = 15

/** Runs a command to its end. Returns what it printed on standard output. Throws Error with its last lines. */
export function run(
  command: string,
  args: readonly string[],
  { cwd, env, signal, onLine }: CommandOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    // A group of its own: Ctrl-C in the terminal reaches it through our orderly stop only.
    const child = spawn(command, args, {
      cwd,
      env: env ?? process.env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const last: string[] = []
    let output = ''
    const take = (line: string) => {
      last.push(line)
      if (last.length > keptLines) last.shift()
      onLine?.(line)
    }
    createInterface(child.stdout).on('line', (line) => {
      output += `${line}\n`
      take(line)
    })
    createInterface(child.stderr).on('line', take)
    const abort = () => child.pid && killGroup(child.pid, 'SIGTERM')
    signal?.addEventListener('abort', abort, { once: true })
    child.once('error', reject)
    child.once('close', (code, killed) => {
      signal?.removeEventListener('abort', abort)
      if (code === 0) resolve(output)
      else if (signal?.aborted) reject(new Error('stopped'))
      else
        reject(
          new Error(
            `\`${command} ${args.join(' ')}\` failed (${killed ?? `exit status ${code}`}):\n${last.join('\n')}`,
          ),
        )
    })
  })
}

/** Signals a process and all that it started; a group that is gone already is no error. */
export function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

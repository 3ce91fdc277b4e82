#!/usr/bin/env node
// The door to the command line, in plain JavaScript: it runs on the Node that the machine has (20 or newer), installs
// what a fresh checkout lacks, and hands over to Node 24, which runs the TypeScript sources directly.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { installIfNeeded } from './install.js'

const root = fileURLToPath(new URL('..', import.meta.url))

installIfNeeded()
// Compiled code is kept between starts, which makes one about twice as fast; child processes do the same.
process.env.NODE_COMPILE_CACHE ??= join(
  process.env.XDG_CACHE_HOME || join(homedir(), '.cache'),
  'tidemark',
  'compiled',
)
nodeModule.enableCompileCache?.(process.env.NODE_COMPILE_CACHE)
const [major, minor] = process.versions.node.split('.').map(Number)
if (major > 24 || (major === 24 && minor >= 2)) {
  process.argv[1] = join(root, 'cli', 'main.ts')
  await import(pathToFileURL(process.argv[1]).href)
} else {
  const node = join(root, 'node_modules', 'node', 'bin', 'node')
  if (!existsSync(node)) {
    process.stderr.write(
      `Tidemark runs on Node 24; this is ${process.version}. Install Node 24, or run npm ci here, which brings one.\n`,
    )
    process.exit(2)
  }
  const child = spawn(node, [join(root, 'cli', 'main.ts'), ...process.argv.slice(2)], { stdio: 'inherit' })
  // The terminal sends Ctrl-C to both; only the child decides what it means.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => (signal ? process.kill(process.pid, signal) : process.exit(code ?? 1)))
}

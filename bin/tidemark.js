#!/usr/bin/env node
// The door to the command line, in plain JavaScript: it runs on the Node that the machine has (20 or newer), installs
// what a fresh checkout lacks, and hands over to Node 24, which runs the TypeScript sources directly.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Whether what is installed is what the lockfile says. */
function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installed)) return false
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages
  return Object.entries(wanted).every(
    ([path, { version, optional, dev }]) =>
      path === '' || optional || dev || present[path]?.version === version,
  )
}

function install() {
  process.stderr.write('… Installing npm packages (a minute at most)\n')
  const started = Date.now()
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) {
    process.stderr.write(
      'npm ci failed: see the lines above; without a network the first start is not possible.\n',
    )
    process.exit(1)
  }
  process.stderr.write(`✔ npm packages (${((Date.now() - started) / 1000).toFixed(0)} s)\n`)
}

const [major, minor] = process.versions.node.split('.').map(Number)
if (!isInstalled()) install()
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

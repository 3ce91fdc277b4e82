// Installs what a fresh checkout lacks. Plain JavaScript without dependencies: it runs before anything is there, on
// whatever Node the machine has.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Whether what is installed is what the lockfile says; a production install does without development's and optional packages. */
function isInstalled() {
  const installed = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installed)) return false
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages
  const dependencies = Object.entries(wanted).filter(
    ([path, { optional, dev }]) => path !== '' && !optional && !dev,
  )
  return dependencies.every(([path, { version }]) => present[path]?.version === version)
}

export function installIfNeeded() {
  if (isInstalled()) return
  process.stderr.write('… npm packages: installing, a minute at most\n')
  const started = Date.now()
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) {
    process.stderr.write(
      '✖ npm ci failed, see above. The first start needs a network that reaches a package registry.\n',
    )
    process.exit(1)
  }
  process.stderr.write(`✔ npm packages (${((Date.now() - started) / 1000).toFixed(0)} s)\n`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) installIfNeeded()

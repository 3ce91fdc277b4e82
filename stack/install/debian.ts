import { readdirSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../command.ts'
import type { Step } from '../progress.ts'

/**
 * Unpacks Debian packages, and of what they depend on what this machine lacks, into a folder. Nothing is installed, and
 * it takes no root. Each set is resolved for itself, so that sets may hold packages that exclude one another. apt
 * verifies signatures and checksums. Throws Error with apt's own words.
 */
export async function unpackDebian(
  sets: readonly (readonly string[])[],
  folder: string,
  step: Step,
  signal?: AbortSignal,
): Promise<void> {
  const work = join(folder, 'apt')
  const archives = join(work, 'archives')
  for (const path of ['state/lists/partial', 'cache/archives/partial', 'archives'])
    await mkdir(join(work, path), { recursive: true })
  // The system's own lists of packages may be old, and only root may renew them.
  const options = [
    `Dir::State=${join(work, 'state')}`,
    'Dir::State::status=/var/lib/dpkg/status',
    `Dir::Cache=${join(work, 'cache')}`,
    'Debug::NoLocking=true',
    'APT::Sandbox::User=',
    'Acquire::Languages=none',
  ].flatMap((option) => ['-o', option])
  const apt = (args: readonly string[]) =>
    run('apt-get', [...options, ...args], {
      cwd: archives,
      env: { ...process.env, LC_ALL: 'C' },
      signal,
      onLine: (line) => step.update(line),
    })
  // A source that does not answer may be one that is not needed.
  const updated = await apt(['update']).catch((error: Error) => error)
  const names = new Set<string>()
  for (const set of sets) {
    const plan = await apt(['install', '--simulate', '--no-install-recommends', ...set]).catch(
      (error: Error) => {
        throw new Error([error, updated].map((one) => (one instanceof Error ? one.message : '')).join('\n'))
      },
    )
    for (const name of [...set, ...toBeInstalled(plan)]) names.add(name)
  }
  await apt(['download', ...names])
  step.update('unpacking')
  for (const file of await readdir(archives))
    await run('dpkg-deb', ['--extract', join(archives, file), folder], { signal })
  await rm(work, { recursive: true, force: true })
}

const toBeInstalled = (plan: string) => [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name!)

/** Where programs in such a folder find their libraries. */
export function debianLibraries(folder: string): string {
  const [architecture] = readdirSync(join(folder, 'usr', 'lib')).filter((name) => name.endsWith('-linux-gnu'))
  return ['usr/lib', 'lib'].map((path) => join(folder, path, architecture ?? '')).join(':')
}

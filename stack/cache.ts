import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'

/** Where fetched and built servers are kept, outside of any checkout. */
const cacheDirectory = () => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tidemark')

const manifestName = 'tidemark-manifest.json'

/** Relative path → size and SHA-256 of each file when it was installed. */
type Manifest = Record<string, { readonly bytes: number; readonly sha256: string }>

/**
 * The folder of `name` in the cache, made by `install` if it is not there whole. An installation is built elsewhere
 * and renamed, so a half one is never seen; two processes that want the same wait for each other.
 */
export async function cached(name: string, install: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheDirectory(), name)
  if (await isWhole(folder)) return folder
  await mkdir(cacheDirectory(), { recursive: true })
  return await locked(`${folder}.lock`, async () => {
    if (await isWhole(folder)) return folder
    const work = `${folder}.part-${process.pid}`
    await rm(work, { recursive: true, force: true })
    await mkdir(work, { recursive: true })
    try {
      await install(work)
      await writeFile(join(work, manifestName), JSON.stringify(await describe(work)))
      await rm(folder, { recursive: true, force: true })
      await rename(work, folder)
    } finally {
      await rm(work, { recursive: true, force: true })
    }
    return folder
  })
}

/** The name of a folder for what `recipe` makes: another recipe makes another folder. */
export const nameOf = (program: string, recipe: unknown): string =>
  `${program}-${createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 8)}`

/** Whether `name` is in the cache, whole. */
export const isCached = (name: string): Promise<boolean> => isWhole(join(cacheDirectory(), name))

/** Whether each installed file is still there with its size. */
async function isWhole(folder: string): Promise<boolean> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, manifestName), 'utf8')) as Manifest
    const sizes = await Promise.all(
      Object.keys(manifest).map(
        async (path) => (await stat(join(folder, path))).size === manifest[path]!.bytes,
      ),
    )
    return sizes.every((same) => same)
  } catch {
    return false
  }
}

async function describe(folder: string): Promise<Manifest> {
  const manifest: Manifest = {}
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const hash = createHash('sha256')
    await pipeline(createReadStream(path), hash)
    manifest[path.slice(folder.length + 1)] = { bytes: (await stat(path)).size, sha256: hash.digest('hex') }
  }
  return manifest
}

/** Runs `work` while no other process holds the lock; a lock whose owner is dead is taken over. */
async function locked<T>(lock: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      await mkdir(lock)
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (await ownerIsDead(lock)) await rm(lock, { recursive: true, force: true })
      else await delay(500)
    }
  }
  try {
    await writeFile(join(lock, 'pid'), String(process.pid))
    return await work()
  } finally {
    await rm(lock, { recursive: true, force: true })
  }
}

async function ownerIsDead(lock: string): Promise<boolean> {
  const pid = Number(await readFile(join(lock, 'pid'), 'utf8').catch(() => ''))
  if (!pid)
    return (
      Date.now() -
        (await stat(lock).then(
          ({ mtimeMs }) => mtimeMs,
          () => Date.now(),
        )) >
      5_000
    )
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

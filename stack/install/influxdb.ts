import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached, isCached } from '../cache.ts'
import { run } from '../command.ts'
import type { Step } from '../progress.ts'
import type { InfluxToolchain } from '../toolchains.ts'
import { versions } from '../versions.ts'
import { goDetail } from './go.ts'
import { dependentModule } from './go-module.ts'

const module = 'github.com/influxdata/influxdb/v2'

const folderName = `influxdb-${versions.influxdb}`

/** Whether it was built before: then no toolchain is needed. */
export const isInfluxdInstalled = (): Promise<boolean> => isCached(folderName)

/**
 * Builds `influxd` from the Go module proxy; returns the path of the program. About four minutes on two cores, once.
 * Its query language is a Rust library, which InfluxDB's own pkg-config builds: it must come first in PATH.
 */
export async function installInfluxdb(
  toolchain: InfluxToolchain,
  step: Step,
  signal?: AbortSignal,
): Promise<string> {
  const folder = await cached(folderName, async (target) => {
    const work = join(target, 'build')
    await mkdir(join(work, 'bin'), { recursive: true })
    const env = {
      ...process.env,
      GOFLAGS: '-mod=mod',
      PATH: `${join(work, 'bin')}:${process.env.PATH}`,
      RUSTC_WORKSPACE_WRAPPER: join(work, 'bin', 'cap-lints'),
      ...(toolchain.rustToolchain && { RUSTUP_TOOLCHAIN: toolchain.rustToolchain }),
    }
    const go = (...args: string[]) =>
      run('go', args, { cwd: work, env, signal, onLine: (line) => step.update(goDetail(line)) })
    // Warnings of newer compilers are errors in those sources otherwise.
    await writeFile(join(work, 'bin', 'cap-lints'), '#!/bin/sh\nexec "$@" --cap-lints warn\n')
    await chmod(join(work, 'bin', 'cap-lints'), 0o755)
    step.update('fetching sources')
    const { Dir: sources } = JSON.parse(await goDownload(work, env, signal)) as { readonly Dir: string }
    await writeFile(
      join(work, 'go.mod'),
      dependentModule(module, versions.influxdb, await readFile(join(sources, 'go.mod'), 'utf8')),
    )
    await copyFile(join(sources, 'go.sum'), join(work, 'go.sum'))
    await writeFile(
      join(work, 'main.go'),
      `//go:build tools\n\npackage tools\n\nimport (\n\t_ "${module}/cmd/influxd"\n\t_ "github.com/influxdata/pkg-config"\n)\n`,
    )
    step.update('building its pkg-config')
    await go('build', '-o', join(work, 'bin', 'pkg-config'), 'github.com/influxdata/pkg-config')
    step.update('compiling')
    const flags = ['-v', '-trimpath', '-ldflags', '-s -w', '-tags', 'sqlite_foreign_keys,sqlite_json,noasset']
    await go('build', ...flags, '-o', join(target, 'influxd'), `${module}/cmd/influxd`)
    await rm(work, { recursive: true, force: true })
  })
  return join(folder, 'influxd')
}

async function goDownload(cwd: string, env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<string> {
  await writeFile(join(cwd, 'go.mod'), 'module tidemark/influxd\n')
  return await run('go', ['mod', 'download', '-json', `${module}@v${versions.influxdb}`], {
    cwd,
    env,
    signal,
  })
}

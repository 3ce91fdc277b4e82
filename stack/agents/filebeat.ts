import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from '../cache.ts'
import { run } from '../command.ts'
import { goDetail, requireGo } from '../install/go.ts'
import { dependentModule } from '../install/go-module.ts'
import type { Step } from '../progress.ts'
import { versions } from './versions.ts'

const module = 'github.com/elastic/beats/v7'

/** Builds Filebeat, the part under the Apache licence; returns the path of the program. */
export async function installFilebeat(step: Step, signal?: AbortSignal): Promise<string> {
  const folder = await cached(`filebeat-${versions.filebeat}`, async (target) => {
    await requireGo('Filebeat')
    const work = join(target, 'build')
    await mkdir(work, { recursive: true })
    const go = (...args: string[]) =>
      run('go', args, {
        cwd: work,
        env: { ...process.env, GOFLAGS: '-mod=mod' },
        signal,
        onLine: (line) => step.update(goDetail(line)),
      })
    step.update('fetching sources')
    await writeFile(join(work, 'go.mod'), 'module tidemark/build\n')
    const answer = await go('mod', 'download', '-json', `${module}@v${versions.filebeat}`)
    const { Dir: sources } = JSON.parse(answer) as { readonly Dir: string }
    const original = await readFile(join(sources, 'go.mod'), 'utf8')
    await writeFile(join(work, 'go.mod'), dependentModule(module, versions.filebeat, original))
    await copyFile(join(sources, 'go.sum'), join(work, 'go.sum'))
    // Go knows by this that the module is needed, and what it needs.
    await writeFile(
      join(work, 'main.go'),
      `//go:build tools\n\npackage tools\n\nimport _ "${module}/filebeat"\n`,
    )
    const program = join(target, 'filebeat')
    await go('build', '-v', '-trimpath', '-ldflags', '-s -w', '-o', program, `${module}/filebeat`)
    await rm(work, { recursive: true, force: true })
  })
  return join(folder, 'filebeat')
}

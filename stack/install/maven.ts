import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../command.ts'
import type { Step } from '../progress.ts'
import { findMaven } from '../toolchains.ts'

/** `group:artifact:version[:type[:classifier]]` */
type Artifact = string

/** Fetches artifacts with all that they need at run time, as jars, into a folder. Maven verifies the checksums. */
export async function fetchJars(
  artifacts: readonly Artifact[],
  folder: string,
  step: Step,
  signal?: AbortSignal,
): Promise<void> {
  const pom = join(folder, 'pom.xml')
  await writeFile(pom, pomOf(artifacts))
  await maven(
    [
      '-f',
      pom,
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${join(folder, 'lib')}`,
    ],
    step,
    signal,
  )
}

/** Fetches one archive and unpacks it into a folder. */
export async function fetchArchive(
  artifact: Artifact,
  folder: string,
  step: Step,
  signal?: AbortSignal,
): Promise<void> {
  // Maven leaves a note of what it has unpacked where it runs.
  const cwd = join(folder, 'maven')
  await mkdir(cwd)
  await maven(
    ['dependency:unpack', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`],
    step,
    signal,
    cwd,
  )
  await rm(cwd, { recursive: true })
}

async function maven(
  args: readonly string[],
  step: Step,
  signal: AbortSignal | undefined,
  cwd?: string,
): Promise<void> {
  step.update('asking Maven')
  await run(await findMaven(), ['--batch-mode', '-Dstyle.color=never', ...args], {
    ...(cwd !== undefined && { cwd }),
    signal,
    onLine: (line) => {
      const file = /^(?:\[INFO\] )?Download(?:ing|ed) from \S+ \S*\/([^/\s]+)/.exec(line)?.[1]
      if (file) step.update(`fetching ${file}`)
      else if (/Unpacking/.test(line)) step.update('unpacking')
    },
  })
}

const pomOf = (artifacts: readonly Artifact[]) => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tidemark</groupId><artifactId>server</artifactId><version>1</version>
  <dependencies>
${artifacts
  .map((artifact) => {
    const [group, name, version] = artifact.split(':')
    return `    <dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`
  })
  .join('\n')}
  </dependencies>
</project>
`

/**
 * The go.mod of a module that requires another with exactly its own requirements, replacements and exclusions: Go
 * honours the last two in a main module only. `original` is the other's go.mod.
 */
export function dependentModule(module: string, version: string, original: string): string {
  const goVersion = /^go (\S+)/m.exec(original)?.[1]
  const blocks = original.match(/^(?:require|replace|exclude) \(\n[\s\S]*?^\)/gm) ?? []
  const lines = original.match(/^(?:require|replace|exclude) [^(\n]*$/gm) ?? []
  return [
    'module tidemark/build',
    `go ${goVersion}`,
    `require ${module} v${version}`,
    ...blocks,
    ...lines,
    '',
  ].join('\n\n')
}

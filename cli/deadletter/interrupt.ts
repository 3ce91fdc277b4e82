/** Aborted by the first Ctrl-C, so that what was begun is ended in good order; a second one ends the process at once. */
export function interrupt(): AbortSignal {
  const controller = new AbortController()
  process.once('SIGINT', () => {
    process.exitCode = 130
    controller.abort()
  })
  return controller.signal
}

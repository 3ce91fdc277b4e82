/** CPU time of one call, nanoseconds: the median of several rounds after one that is not counted. */
function nanosecondsOf(run: () => void, callsInRound: number, rounds = 7): number {
  const taken: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const start = process.cpuUsage()
    for (let i = 0; i < callsInRound; i++) run()
    const { user, system } = process.cpuUsage(start)
    if (round > 0) taken.push(((user + system) * 1_000) / callsInRound)
  }
  return taken.sort((a, b) => a - b)[Math.floor(rounds / 2)]!
}

/** Prints a line that `bench micro` reads: what it is, and its time for each of the things that one call handles. */
export function report(name: string, things: number, callsInRound: number, run: () => void): void {
  const nanoseconds = nanosecondsOf(run, callsInRound) / things
  console.log(`${name}: ${nanoseconds.toFixed(1)} ns each, ${(1_000 / nanoseconds).toFixed(2)} M/s`)
}

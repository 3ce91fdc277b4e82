import type { Command } from 'commander'
import { serviceCommands } from './service.ts'

/** All commands but the services', by name, in the order of the help. */
const others: Readonly<Record<string, () => Promise<Command>>> = {
  up: async () => (await import('./up.ts')).upCommand(),
  topics: async () => (await import('./topics.ts')).topicsCommand(),
  normalize: async () => (await import('./normalize.ts')).normalizeCommand(),
  detect: async () => (await import('./detect.ts')).detectCommand(),
  replay: async () => (await import('./replay.ts')).replayCommand(),
  deadletter: async () => (await import('./deadletter.ts')).deadletterCommand(),
  parking: async () => (await import('./parking.ts')).parkingCommand(),
  mark: async () => (await import('./mark.ts')).markCommand(),
  stack: async () => (await import('./stack.ts')).stackCommand(),
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
  config: async () => (await import('./config.ts')).configCommand(),
}

/**
 * The commands that these arguments may mean: the one that is named, or all. Each loads what it needs, and a service
 * that starts again after a crash should not wait for what only others need.
 */
export async function commandsFor(args: readonly string[]): Promise<readonly Command[]> {
  const services = serviceCommands()
  const named = args.find((arg) => arg in others || services.some((service) => service.name() === arg))
  if (named === undefined)
    return [...services, ...(await Promise.all(Object.values(others).map((load) => load())))]
  return named in others ? [await others[named]!()] : services
}

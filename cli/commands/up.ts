import { Command } from 'commander'
import { ConfigurationError } from '../../shared/errors.ts'
import { up } from '../up/up.ts'

/** `tidemark up`: everything at once, on this machine. */
export function upCommand(): Command {
  return new Command('up')
    .description(
      'Start servers, topics, services and a producer of this machine’s telemetry, and watch it flow.',
    )
    .option(
      '--for <duration>',
      'stop by itself after a time such as 60s or 5m; exit 0 only if telemetry arrived in the stores',
      (text) => parseDuration(text),
    )
    .option('--no-agent', 'start no producer: telemetry comes from elsewhere')
    .addHelpText(
      'after',
      '\nServers: the brokers that the configuration names, if it names any; else Docker if an engine answers; else programs from package registries.',
    )
    .action(async (options: { for?: number; agent: boolean }) => {
      process.exitCode = await up({ forMs: options.for, withAgent: options.agent })
    })
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 }

/** Milliseconds of `90`, `90s`, `5m` or `1h`, the value of `option`. Throws ConfigurationError. */
export function parseDuration(text: string, option = '--for'): number {
  const match = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text)
  const ms = match ? Number(match[1]) * unitMs[match[2] || 's']! : 0
  if (ms <= 0) throw new ConfigurationError(`${option} takes a time such as 60s, 5m or 1h, not “${text}”.`)
  return ms
}

import { Command } from 'commander'
import { services } from '../services.ts'

/** One subcommand a service. */
export function serviceCommands(): readonly Command[] {
  return services.map(({ name, does, load }) =>
    new Command(name)
      .description(`Run the ${name}: ${does}.`)
      .addHelpText(
        'after',
        `\nSettings: tidemark config reference ${name}\nStart it several times, on any machines, to share the work.`,
      )
      .action(async () => {
        const { main } = await load()
        await main()
      }),
  )
}

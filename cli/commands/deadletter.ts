import { Command } from 'commander'
import { deadLetters } from '../deadletter/shelf.ts'
import { withLetterCommands } from './letters.ts'

/** `tidemark deadletter`: what was refused. */
export const deadletterCommand = () =>
  withLetterCommands(
    new Command('deadletter').description('See what was refused and why, and send it again.'),
    deadLetters,
  )

import { Command } from 'commander'
import { parkedRecords } from '../deadletter/shelf.ts'
import { withLetterCommands } from './letters.ts'

/** `tidemark parking`: what tenants have sent beyond their quotas. */
export const parkingCommand = () =>
  withLetterCommands(
    new Command('parking').description('See what was beyond a tenant’s quota, and send it again.'),
    parkedRecords,
  )

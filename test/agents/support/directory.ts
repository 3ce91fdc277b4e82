import { join } from 'node:path'

/** Logs, sockets and data of a run; emptied when the next one begins. */
export const agentsDirectory = join(import.meta.dirname, '../../../.tidemark/test-agents')

/** What users copy. */
export const examples = join(import.meta.dirname, '../../../examples/agents')

/** Of each topic. */
export const partitions = 2

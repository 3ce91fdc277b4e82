/** The agents that Tidemark is tested with. */
export const versions = {
  telegraf: '1.37.2',
} as const

/** The agents that Tidemark is tested with. */
export const versions = {
  telegraf: '1.37.2',
  collector: '0.165.0',
  filebeat: '7.17.29',
} as const

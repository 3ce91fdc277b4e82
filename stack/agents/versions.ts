/** The agents that Tidemark is tested with. */
export const versions = {
  telegraf: '1.37.2',
  collector: '0.165.0',
  filebeat: '7.17.29',
  /** Debian 12 has these in its packages; another release has others. */
  rsyslog: '8.2302',
  syslogNg: '3.38',
  kcat: '1.7.1',
} as const

/** Every section of the configuration file. A service reads a few of them, and must know the others to tell a slip from another service's settings. */
export const sectionNames: readonly string[] = [
  'kafka',
  'registry',
  'influx',
  'elasticsearch',
  'worker',
  'http',
  'log',
  'topics',
  'normalizer',
  'aggregator',
  'detector',
  'influx-sink',
  'elasticsearch-sink',
]

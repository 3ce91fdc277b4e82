/** The servers that Tidemark is tested with. docker-compose.yml names the same versions. */
export const versions = {
  kafka: '4.1.1',
  apicurio: '2.6.13.Final',
  influxdb: '2.7.12',
  elasticsearch: '8.19.21',
} as const

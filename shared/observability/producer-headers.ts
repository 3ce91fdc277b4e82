/** Headers by which agents say who they are, the most telling first. */
export const producerHeaders = [
  'client.id',
  'client-id',
  'client_id',
  'client',
  'producer',
  'host.name',
  'hostname',
  'host',
] as const

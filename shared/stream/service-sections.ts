import { registrySection } from '../avro/config.ts'
import { kafkaSection } from '../kafka/config.ts'
import { httpSection, logSection } from '../observability/config.ts'
import { workerSection } from './config.ts'

/** The configuration that each service reads beside its own. */
export const serviceSections = {
  kafka: kafkaSection,
  registry: registrySection,
  worker: workerSection,
  http: httpSection,
  log: logSection,
}

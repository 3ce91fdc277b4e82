/** kafkajs as it should be. It must be imported from here, because its corrections have to be made before it is loaded. */
import './corrections.ts'
import './faster-fetch.ts'
import './faster-produce.ts'
import './refusals.ts'

export type * from 'kafkajs'
export { default } from 'kafkajs'

import { inject } from 'vitest'
import type { StackAddresses } from '../../stack/index.ts'

/** How the running servers are reached. */
export const stack = (): StackAddresses => inject('stack')

/** For `describe.skipIf`: InfluxDB can't be had on every machine. */
export const withoutInflux = (): boolean => inject('missing').includes('influxdb')

/** Whether servers run in Docker: then none can be started beside them. */
export const inDocker = (): boolean => inject('stackKind') === 'docker'

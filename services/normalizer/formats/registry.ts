import type { Format } from '../format.ts'
import { accessLog } from './access-log.ts'
import { ecsJson } from './ecs-json.ts'
import { influx } from './influx.ts'
import { jsonLogs } from './json-logs.ts'
import { logfmt } from './logfmt.ts'
import { syslog } from './syslog.ts'
import { telegrafJson } from './telegraf-json.ts'

/** All formats, in the order in which unknown bytes are tried. */
export const formats: readonly Format[] = [telegrafJson, jsonLogs, ecsJson, syslog, accessLog, logfmt, influx]

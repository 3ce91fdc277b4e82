import type { Format } from '../format.ts'
import { accessLog } from './access-log.ts'
import { cri } from './cri.ts'
import { dockerJson } from './docker-json.ts'
import { ecsJson } from './ecs-json.ts'
import { influx } from './influx.ts'
import { jsonLogs } from './json-logs.ts'
import { logfmt } from './logfmt.ts'
import { syslog } from './syslog.ts'
import { telegrafJson } from './telegraf-json.ts'
import { text } from './text.ts'

/** All formats, in the order in which unknown bytes are tried. */
export const formats: readonly Format[] = [
  telegrafJson,
  dockerJson,
  jsonLogs,
  ecsJson,
  cri,
  syslog,
  accessLog,
  logfmt,
  influx,
  text,
]

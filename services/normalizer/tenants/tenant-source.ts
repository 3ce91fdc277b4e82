import { isUtf8 } from 'node:buffer'
import { BadRecordError } from '../../../shared/errors.ts'
import type { StreamRecord } from '../../../shared/stream/task.ts'
import { maxTenantBytes, type TenantSettings } from './tenant-settings.ts'

/**
 * The name of a record's tenant, by header or topic. Throws BadRecordError when the header is no name. Undefined when
 * each point tells its own.
 */
export function nameSource(
  { from, name, topicPattern, default: byDefault }: TenantSettings,
  topic: string,
): ((record: StreamRecord<unknown>) => string) | undefined {
  if (from === 'topic') {
    const inTopic = tenantIn(topic, topicPattern) ?? byDefault
    return () => inTopic
  }
  if (from === 'tag') return undefined
  return ({ headers }) => {
    const header = headers[name]
    if (!header?.length) return byDefault
    if (header.length > maxTenantBytes || !isUtf8(header))
      throw new BadRecordError(
        'invalid_tenant',
        `the header “${name}” is no name of a tenant: at most ${maxTenantBytes} bytes of UTF-8`,
      )
    return header.toString('utf8')
  }
}

/** Where {tenant} stands in the pattern, text without a dot; * is anything. Undefined when the topic is not meant. */
function tenantIn(topic: string, pattern: string): string | undefined {
  const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replace('{tenant}', '([^.]+)')
  return new RegExp(`^${source}$`).exec(topic)?.[1]
}

import { counter, gauge, type Mapping, type MappingGroup } from './mapping.ts'

/** What a messaging product counts of its business. OpenTelemetry has no such names: these are our own. */
const gauges = [
  ['users.online', 'messaging.user.online', 'user'],
  ['users.active', 'messaging.user.active', 'user'],
  ['connections.active', 'messaging.connection.active', 'connection'],
  ['groups.count', 'messaging.group.count', 'group'],
  ['groups.active', 'messaging.group.active', 'group'],
  ['presence.subscriptions', 'messaging.presence.subscription.count', 'subscription'],
  ['messages.queued', 'messaging.message.queued', 'message'],
] as const

const counters = [
  ['messages.sent', 'messaging.message.sent', 'message'],
  ['messages.received', 'messaging.message.received', 'message'],
  ['messages.delivered', 'messaging.message.delivered', 'message'],
  ['messages.read', 'messaging.message.read', 'message'],
  ['messages.failed', 'messaging.message.failed', 'message'],
  ['groups.created', 'messaging.group.created', 'group'],
  ['presence.updates', 'messaging.presence.updates', 'update'],
  ['users.logins', 'messaging.user.logins', 'login'],
] as const

/** Our own convention for StatsD, whose counters are deltas, and for names in the manner of Prometheus. */
export const statsdMessaging: MappingGroup = {
  agent: 'StatsD',
  subject: 'Messaging',
  mappings: [
    ...gauges.map(([name, to, thing]): Mapping => ({ from: `im.${name}`, to, ...gauge(thing) })),
    ...counters.map(
      ([name, to, thing]): Mapping => ({ from: `im.${name}`, to, ...counter(thing), kind: 'delta' }),
    ),
  ],
}

export const prometheusMessaging: MappingGroup = {
  agent: 'Prometheus clients',
  subject: 'Messaging',
  mappings: [
    ...gauges.map(
      ([name, to, thing]): Mapping => ({ from: `im_${name.replace('.', '_')}`, to, ...gauge(thing) }),
    ),
    ...counters.map(
      ([name, to, thing]): Mapping => ({ from: `im_${name.replace('.', '_')}_total`, to, ...counter(thing) }),
    ),
  ],
}

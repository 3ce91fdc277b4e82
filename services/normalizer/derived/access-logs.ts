import { type Fields, textNamed } from '../../../shared/logs/fields.ts'
import type { NormalizerConfig } from '../config.ts'
import { servedRequest } from './http.ts'
import { type Bound, type Operation, textIn } from './operation.ts'
import type { RoutePatterns } from './route-patterns.ts'

/** Whether a log event is of a request that was answered, whatever format it came in. One that made no sense has no method. */
export const isAccess = (attributes: Fields) =>
  hasText(attributes, 'http.response.status_code') &&
  ['http.request.method', 'client.address', 'source.address'].some((name) => hasText(attributes, name))

const hasText = (attributes: Fields, name: string) => Boolean(textNamed(attributes, name))

type Attributes = Readonly<Record<string, string>>

export const accessOf = (attributes: Attributes, patterns: RoutePatterns, bound: Bound): Operation =>
  servedRequest({ attributes, hasFailed: false }, patterns, bound)

/** Seconds; undefined when the event does not tell. */
export function durationOf(
  attributes: Attributes,
  { attribute, unit }: NormalizerConfig['accessLogDuration'],
): number | undefined {
  const text = textIn(attributes, attribute)
  return text !== undefined && /^\d{1,15}(?:\.\d*)?$/.test(text) ? Number(text) / perSecond[unit] : undefined
}

const perSecond = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 } as const

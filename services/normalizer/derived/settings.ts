import { z } from 'zod'
import type { Mistake } from '../../../shared/config/section.ts'
import { maxMemoLength } from './bounded-values.ts'

const name = z.string().min(1).max(1_024)
const patterns = z.array(z.string().min(1).max(1_024)).min(1).max(100)

/** Values of an attribute that tell an error of the business, though the request itself went well. */
const businessCode = z
  .strictObject({ attribute: name, values: patterns.optional(), except: patterns.optional() })
  .refine(
    ({ values, except }) => (values === undefined) !== (except === undefined),
    'a business code has values, those that are errors, or except, those that are none',
  )

export const derivedPointSettings = {
  derivedPoints: z
    .array(z.enum(['accessLogs', 'spans']))
    .max(2)
    .default([])
    .meta({
      description:
        'What points are derived from: requests, errors and durations of accessLogs, and of spans. See docs/derived-points.md.',
      example: ['accessLogs', 'spans'],
    }),
  derivedTags: z
    .array(name)
    .max(16)
    .default([])
    .meta({
      description:
        'Attributes of access logs and spans, or of the resource of spans, that become tags of derived points, beside those that always do.',
      example: ['deployment.environment.name'],
    }),
  maxDerivedValues: z.number().int().min(1).max(200).default(50).meta({
    description:
      'Values that a tag of derived points may have in one service, where strangers choose them: routes made of paths, addresses of servers, business codes, derivedTags. Those that come later are “_OTHER”.',
    example: 50,
  }),
  derivedRoutes: z
    .array(
      z
        .string()
        .max(1_024)
        .regex(/^\/[^?#]*$/, 'a route begins with / and has no query'),
    )
    .max(1_000)
    .default([])
    .meta({
      description:
        'Routes of paths that would be many: {name} stands for one segment, * at the end for all that follow. The first that matches counts; other paths make routes of their own.',
      example: ['/wiki/{title}', '/files/*'],
    }),
  businessCodes: z
    .array(businessCode)
    .max(100)
    .default([])
    .meta({
      description:
        'Attributes that tell errors of the business, and the values that do, or all except those that do not; * stands for anything. Such requests are counted by code.',
      example: [{ attribute: 'app.code', except: ['0', 'OK'] }],
    }),
  accessLogDuration: z
    .strictObject({
      attribute: name.default('http.server.request.duration').meta({
        description: 'Which attribute of access logs tells how long a request took.',
        example: 'event.duration',
      }),
      unit: z.enum(['s', 'ms', 'us', 'ns']).default('s').meta({
        description: 'The unit of that attribute.',
        example: 'ns',
      }),
    })
    .prefault({}),
}

/** What a commit holds beside the values, with so many sources of joined lines. */
const maxSourcesBeside = 100

/** The memory of a partition is in the metadata of its commit, which is small. */
export function* mistakesInDerived({
  derivedPoints,
  maxJoinedSources,
}: {
  readonly derivedPoints: readonly string[]
  readonly maxJoinedSources: number
}): Iterable<Mistake> {
  if (derivedPoints.length > 0 && maxJoinedSources > maxSourcesBeside)
    yield {
      path: ['maxJoinedSources'],
      message: `at most ${maxSourcesBeside} with derivedPoints, whose values take ${maxMemoLength} bytes of what a commit holds`,
    }
}

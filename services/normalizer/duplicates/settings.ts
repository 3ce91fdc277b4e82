import { z } from 'zod'

export const duplicateSettings = {
  duplicates: z
    .strictObject({
      of: z
        .array(z.enum(['points', 'logs', 'spans']))
        .default([])
        .meta({
          description:
            'Of which things those are dropped that came before in the same partition, see docs/duplicates.md: points (gauges and counters with times of their own), logs (events with an id or a place in a file), spans.',
          example: ['logs', 'spans'],
        }),
      idHeaders: z
        .array(z.string().min(1).max(256))
        .max(16)
        .default([])
        .meta({
          description:
            'Headers that together name a record: one with the same values as a record before is dropped. Records that lack one of them are not looked at.',
          example: ['ce_source', 'ce_id'],
        }),
      sameBytesIn: z
        .array(z.string().min(1).max(249))
        .max(100)
        .default([])
        .meta({
          description:
            'Raw topics, * stands for anything, in which a record with the same key, headers and bytes as one before is dropped. Only for agents that never write the same twice, because all they write bears its time.',
          example: ['telegraf'],
        }),
      windowMs: z.number().int().min(1_000).max(86_400_000).default(300_000).meta({
        description:
          'How long after the first one a duplicate is still known, by the broker’s time. A restart reads again up to twice as much.',
        unit: 'ms',
        example: 300_000,
      }),
      maxEntries: z.number().int().min(1_000).max(100_000_000).default(1_000_000).meta({
        description:
          'What a task remembers at a time, in at most 26 bytes each. When more than half of it comes within the window, the window is shorter.',
        example: 1_000_000,
      }),
    })
    .prefault({}),
}

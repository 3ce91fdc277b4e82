import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { rolesOf } from '../../../cli/grants.ts'
import { withRights } from '../../../cli/rights-table.ts'
import { services } from '../../../cli/services.ts'
import { aclCommand, merged } from '../../../shared/kafka/acl.ts'

const roles = rolesOf('telemetry', ['telemetry.raw.metrics', 'telemetry.raw.logs', 'telemetry.raw.traces'])

describe('the rights of each role', () => {
  it('stand in the documentation as they are granted in the security test', () => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'security.md'), 'utf8')
    expect(page).toBe(withRights(page, roles))
  })

  it('let the Elasticsearch sink read windows only when it writes them', () => {
    const readsWindows = (windowsToElasticsearch: boolean) =>
      rolesOf('telemetry', [], { windowsToElasticsearch })
        .find(({ name }) => name === 'elasticsearch-sink')!
        .grants.some(({ name }) => name === 'telemetry.windows')
    expect([readsWindows(false), readsWindows(true)]).toEqual([false, true])
  })

  it('cover every service', () => {
    expect(roles.map(({ name }) => name)).toEqual(expect.arrayContaining(services.map(({ name }) => name)))
  })

  it.each(services)(
    'let $name touch single topics only, its own group and its own transactions',
    ({ name }) => {
      const { grants } = roles.find((role) => role.name === name)!
      const others = grants.filter(({ resource }) => resource !== 'topic')
      expect(grants.filter(({ resource, match }) => resource === 'topic' && match !== 'literal')).toEqual([])
      expect(others).toEqual([
        { resource: 'group', name: `telemetry-${name}`, match: 'literal', operations: ['Read'] },
        {
          resource: 'transactional-id',
          name: `telemetry-${name}-`,
          match: 'prefixed',
          operations: ['Write'],
        },
      ])
      expect(new Set(grants.flatMap(({ operations }) => operations))).toEqual(new Set(['Read', 'Write']))
    },
  )

  it('merge when they are about the same resource', () => {
    const topic = { resource: 'topic', name: 't', match: 'literal' } as const
    expect(
      merged([
        { ...topic, operations: ['Read'] },
        { ...topic, match: 'prefixed', operations: ['Read'] },
        { ...topic, operations: ['Write', 'Read'] },
      ]),
    ).toEqual([
      { ...topic, operations: ['Read', 'Write'] },
      { ...topic, match: 'prefixed', operations: ['Read'] },
    ])
  })
})

describe('aclCommand', () => {
  it('grants several operations on names that begin so', () => {
    expect(
      aclCommand('k:9092', 'a', {
        resource: 'topic',
        name: 't.',
        match: 'prefixed',
        operations: ['Read', 'Write'],
      }),
    ).toBe(
      'kafka-acls.sh --bootstrap-server k:9092 --command-config admin.properties --add --allow-principal User:a --operation Read --operation Write --topic t. --resource-pattern-type prefixed',
    )
  })

  it('quotes what a shell would take apart', () => {
    const grant = { resource: 'group', name: "it's $HOME", match: 'literal', operations: ['Read'] } as const
    expect(aclCommand('k:9092', 'CN=a b', grant)).toBe(
      `kafka-acls.sh --bootstrap-server k:9092 --command-config admin.properties --add --allow-principal 'User:CN=a b' --operation Read --group 'it'\\''s $HOME'`,
    )
  })
})

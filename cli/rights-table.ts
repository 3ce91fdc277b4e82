import type { Grant } from '../shared/kafka/acl.ts'
import type { Role } from './grants.ts'

const begin = '<!-- rights: written by `npm run generate` -->'
const end = '<!-- end of rights -->'

/** The document with the rights of these roles between its two marks. */
export function withRights(document: string, roles: readonly Role[]): string {
  const [before, rest = ''] = document.split(begin)
  const after = rest.split(end)[1]
  if (after === undefined) throw new Error(`no place for the rights: ${begin} … ${end} is wanted`)
  return `${before}${begin}\n${rightsTable(roles)}\n${end}${after}`
}

function rightsTable(roles: readonly Role[]): string {
  const rows = roles.map(
    ({ user, purpose, grants }) =>
      `| \`${user}\` | ${purpose} | ${topics(grants, 'Read')} | ${topics(grants, 'Write')} | ${others(grants)} |`,
  )
  return [
    '| user | is | reads the topics | writes the topics | and |',
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n')
}

const topics = (grants: readonly Grant[], operation: 'Read' | 'Write') =>
  grants
    .filter(({ resource, operations }) => resource === 'topic' && operations.includes(operation))
    .map(nameOf)
    .join(' ')

/** What is no reading or writing of topics, resource by resource. */
function others(grants: readonly Grant[]): string {
  return grants
    .flatMap((grant) => {
      const operations = grant.operations.filter(
        (operation) => grant.resource !== 'topic' || (operation !== 'Read' && operation !== 'Write'),
      )
      return operations.length > 0 ? [`${operations.join(', ')} on ${grant.resource} ${nameOf(grant)}`] : []
    })
    .join('; ')
}

const nameOf = ({ name, match }: Grant) => `\`${name}${match === 'prefixed' ? '*' : ''}\``

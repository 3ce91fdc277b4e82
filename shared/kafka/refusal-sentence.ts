import type { RefusalKind } from '../errors.ts'
import type { KafkaJsError } from './kafkajs-error.ts'
import type { Refusal } from './refusals.ts'

/** A sentence for the operator of the brokers or of this service: who was refused what, and what to change. */
interface RefusalSentence {
  readonly kind: RefusalKind
  readonly text: string
}

/** What OpenSSL and Node say of a broker's certificate that can't be trusted, by their codes. */
const certificateFaults: Readonly<Record<string, (reason: string) => string>> = {
  CERT_HAS_EXPIRED: () => 'has expired: renew it on the broker',
  CERT_NOT_YET_VALID: () => 'is not valid yet: compare the clocks of this machine and of the authority',
  CERT_REVOKED: () => 'has been revoked: renew it on the broker',
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  ERR_TLS_CERT_ALTNAME_INVALID: (reason) =>
    `is for another name (${reason}): name the brokers in kafka.brokers as their certificates do, or set kafka.tls.serverName`,
}

function unknownAuthority(): string {
  return 'is signed by an authority that is not trusted here: set kafka.tls.caFile to the PEM file of the authority that signs the brokers’ certificates'
}

/** What a request needs that Kafka refuses with TOPIC_AUTHORIZATION_FAILED. */
const topicOperations: Readonly<Record<string, string>> = {
  Fetch: 'Read',
  TxnOffsetCommit: 'Read',
  OffsetCommit: 'Read',
  Produce: 'Write',
  AddPartitionsToTxn: 'Write',
  CreateTopics: 'Create',
  DescribeConfigs: 'DescribeConfigs',
}

/** The right that is missing, by Kafka's name of the error. */
const missingRights: Readonly<Record<string, (refusal: Refusal | undefined, error: KafkaJsError) => string>> =
  {
    TOPIC_AUTHORIZATION_FAILED: (refusal, { topic }) => {
      const topics = topic ? [topic] : (refusal?.topics ?? [])
      const operation = topicOperations[refusal?.request ?? ''] ?? 'Describe'
      return `${operation} on ${topics.length > 0 ? `the topic ${topics.join(', ')}` : 'a topic'}`
    },
    GROUP_AUTHORIZATION_FAILED: () => 'Read on its consumer group',
    TRANSACTIONAL_ID_AUTHORIZATION_FAILED: () => 'Write on its transactional ids',
    CLUSTER_AUTHORIZATION_FAILED: () => 'the right to do this on the cluster',
  }

/** Undefined when the innermost error of kafkajs is not a refusal; `refusal` is what was noted of it on the way. */
export function refusalSentence(
  error: KafkaJsError,
  refusal: Refusal | undefined,
): RefusalSentence | undefined {
  const right = missingRights[error.type ?? '']
  if (right) {
    const who = refusal?.user ? `User:${refusal.user}` : 'the principal of this client'
    const text = `${who} lacks ${right(refusal, error)} (${error.type}): \`tidemark topics acls\` prints how to grant it`
    return { kind: 'right', text }
  }
  const broker = `the broker ${error.broker ?? refusal?.broker ?? ''}`
  const fault = certificateFaults[error.code ?? '']
  if (fault) {
    const reason = error.message.replace(/^.*?altnames: /, '').replace(/[.:\s]+$/, '')
    return { kind: 'identity', text: `the certificate of ${broker} ${fault(reason)}` }
  }
  const notAuthenticated = notLetIn(error, refusal)
  return notAuthenticated ? { kind: 'identity', text: `${broker} ${notAuthenticated}` } : undefined
}

function notLetIn(error: KafkaJsError, refusal: Refusal | undefined): string | undefined {
  if (error.type === 'UNSUPPORTED_SASL_MECHANISM' || / mechanism is not supported /.test(error.message)) {
    return 'does not offer this way to log in: check kafka.sasl.mechanism'
  }
  if (error.name !== 'KafkaJSSASLAuthenticationError' && error.type !== 'SASL_AUTHENTICATION_FAILED') return
  return `does not let in the user “${refusal?.user ?? ''}”: the user name or the password is wrong; check kafka.sasl.username, kafka.sasl.password and kafka.sasl.mechanism`
}

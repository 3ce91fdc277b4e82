import { describe, expect, it } from 'vitest'
import { RefusedError, RetryableError } from '../../../shared/errors.ts'
import { kafkaError } from '../../../shared/kafka/errors.ts'
import { refusedTopics } from '../../../shared/kafka/refusals.ts'

/** As kafkajs makes them, wrapped in what it says about its retries. */
const failure = (fields: object, message = 'it failed') =>
  Object.assign(new Error('retries'), { cause: Object.assign(new Error(message), fields) })

describe('refusedTopics', () => {
  it.each([
    {
      request: 'Metadata',
      answer: {
        brokers: [{ nodeId: 1 }],
        topicMetadata: [
          { topicErrorCode: 29, topic: 'a', partitionMetadata: [] },
          { topicErrorCode: 0, topic: 'b', partitionMetadata: [{ partitionErrorCode: 0 }] },
        ],
      },
    },
    {
      request: 'AddPartitionsToTxn',
      answer: {
        errors: [
          { topic: 'b', partitionErrors: [{ partition: 0, errorCode: 55 }] },
          {
            topic: 'a',
            partitionErrors: [
              { partition: 0, errorCode: 29 },
              { partition: 1, errorCode: 29 },
            ],
          },
        ],
      },
    },
    {
      request: 'Fetch',
      answer: {
        responses: [
          { topicName: 'b', partitions: [{ partition: 0, errorCode: 0, messages: [] }] },
          { topicName: 'a', partitions: [{ partition: 0, errorCode: 29, messages: [] }] },
        ],
      },
    },
    {
      request: 'DescribeConfigs',
      answer: { resources: [{ errorCode: 29, resourceName: 'a', configEntries: [] }] },
    },
  ])('finds the topic in an answer to $request', ({ answer }) => {
    expect(refusedTopics(answer)).toEqual(['a'])
  })

  it.each([undefined, null, 'text', { errorCode: 29 }])('finds none in %j', (answer) => {
    expect(refusedTopics(answer)).toEqual([])
  })
})

describe('kafkaError', () => {
  it.each([
    ['CERT_HAS_EXPIRED', 'Connection error: certificate has expired', 'has expired: renew it on the broker'],
    ['CERT_NOT_YET_VALID', 'x', 'is not valid yet: compare the clocks'],
    [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'x',
      'is signed by an authority that is not trusted here: set kafka.tls.caFile',
    ],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'x', 'is signed by an authority that is not trusted here'],
    [
      'ERR_TLS_CERT_ALTNAME_INVALID',
      "Connection error: Hostname/IP does not match certificate's altnames: Host: a. is not in the cert's altnames: DNS:b",
      "is for another name (Host: a. is not in the cert's altnames: DNS:b): name the brokers",
    ],
  ])('%s says what is wrong with the certificate', (code, message, sentence) => {
    const error = kafkaError(
      failure({ code, broker: 'k:1', retriable: true }, message),
      'connecting to Kafka',
    )
    expect(error).toMatchObject({ constructor: RefusedError, kind: 'identity', server: 'Kafka' })
    expect(error.message).toContain(`connecting to Kafka: the certificate of the broker k:1 ${sentence}`)
  })

  it.each([
    ['TOPIC_AUTHORIZATION_FAILED', 'Describe on a topic'],
    ['GROUP_AUTHORIZATION_FAILED', 'Read on its consumer group'],
    ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'Write on its transactional ids'],
  ])('%s names the right that is missing', (type, right) => {
    const error = kafkaError(failure({ type }), 'doing it')
    expect(error).toMatchObject({ constructor: RefusedError, kind: 'right' })
    expect(error.message).toBe(
      `doing it: the principal of this client lacks ${right} (${type}): \`tidemark topics acls\` prints how to grant it`,
    )
  })

  it('finds the topic that could not be created among several answers', () => {
    const aggregate = Object.assign(new Error('Topic creation errors'), {
      errors: [Object.assign(new Error('no'), { type: 'TOPIC_AUTHORIZATION_FAILED', topic: 'a' })],
    })
    expect(kafkaError(aggregate, 'creating topics').message).toContain('on the topic a (')
  })

  it('a broker that closes the connection is only away, perhaps', () => {
    const error = kafkaError(
      failure({ name: 'KafkaJSConnectionClosedError' }, 'Closed connection'),
      'reading',
    )
    expect(error).toMatchObject({ constructor: RetryableError })
    expect(error.message).toBe(
      'reading: Closed connection; if this goes on, kafka.tls or kafka.sasl may not be what the listener wants',
    )
  })
})

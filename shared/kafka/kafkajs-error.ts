/** What is looked at in an error of kafkajs. */
export interface KafkaJsError {
  readonly name: string
  readonly message: string
  /** Kafka's name of the error, when a broker answered with one. */
  readonly type?: string
  /** Node's code, when there was no answer. */
  readonly code?: string | number
  /** host:port, of a failed connection. */
  readonly broker?: string
  /** Of a topic that could not be created. */
  readonly topic?: string
  readonly cause?: unknown
  readonly originalError?: unknown
  readonly errors?: readonly unknown[]
}

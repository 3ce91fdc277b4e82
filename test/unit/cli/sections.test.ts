import { describe, expect, it } from 'vitest'
import { loadAll } from '../../../cli/sections.ts'
import { ConfigurationError } from '../../../shared/errors.ts'
import { temporaryDirectory } from '../config/temporary-directory.ts'

const load = (yaml: string) => loadAll({ cwd: temporaryDirectory({ 'tidemark.yaml': yaml }), env: {} })

describe('settings that contradict each other', () => {
  it.each([
    [
      'a retention of points shorter than what a restart reads again',
      'topics: { retentionMs: 600000 }\naggregator: { latenessMs: 300000, maxHoldBackMs: 300000 }',
      'topics.retentionMs, 600000, is too short: after a restart the aggregator reads the points topic again from up to 645000 ms before',
    ],
    [
      'a retention of windows shorter than what the detector reads again',
      'topics: { retentionMs: 800000 }\ndetector: { stateIntervalMs: 600000 }',
      'topics.retentionMs, 800000, is too short: after a restart the detector reads the windows topic again from 1200000 ms before',
    ],
    [
      'lengths to watch that nobody makes',
      'detector: { windowSizesMs: [30000] }',
      'detector.windowSizesMs has 30000, but aggregator.sizesMs makes windows of 10000, 60000, 3600000 ms only',
    ],
    [
      'points that the normalizer takes and the aggregator does not',
      'normalizer: { maxFutureMs: 700000 }',
      'normalizer.maxFutureMs, 700000, is more than aggregator.maxAheadMs, 600000',
    ],
    [
      'major anomalies that are less rare than warnings',
      'detector: { warningOneIn: 2000, majorOneIn: 1000 }',
      "a major anomaly can't be less rare than detector.warningOneIn, 2000",
    ],
    [
      'a tag of tenants that the aggregator does not know',
      'normalizer: { tenants: { from: header, tag: owner } }',
      'writes the tenant into the tag “owner”, but aggregator.tenantTag is “tenant”',
    ],
    [
      'a tag that tells tenants and is another one’s',
      'normalizer: { tenants: { from: tag, name: team, tag: "" } }',
      'the tag “team”, but aggregator.tenantTag is “tenant”',
    ],
    [
      'heartbeats as rare as sessions are long',
      'worker: { sessionTimeoutMs: 6000, heartbeatIntervalMs: 5000 }',
      'it must be at most half of worker.sessionTimeoutMs, 6000',
    ],
    [
      'a first wait longer than the longest',
      'worker: { retryBackoffMs: 2000, maxRetryBackoffMs: 1000 }',
      'the first wait is longer than the longest, worker.maxRetryBackoffMs, 1000',
    ],
    [
      'a certificate without its key',
      'kafka: { tls: { enabled: true, certFile: a.pem } }',
      'kafka.tls.certFile and kafka.tls.keyFile belong together',
    ],
    [
      'a way to log in without a name',
      'kafka: { sasl: { mechanism: plain } }',
      'it needs kafka.sasl.username and kafka.sasl.password',
    ],
  ])('are refused in a sentence: %s', (_, yaml, sentence) => {
    expect(() => load(yaml)).toThrow(ConfigurationError)
    expect(() => load(yaml)).toThrow(sentence)
  })

  it('are told from those that just fit', () => {
    expect(load('topics: { retentionMs: 1800000 }\naggregator: { latenessMs: 300000 }')).toBeDefined()
    expect(
      load(
        'normalizer: { tenants: { from: tag, name: team, tag: owner } }\naggregator: { tenantTag: owner }',
      ),
    ).toBeDefined()
    expect(load('worker: { sessionTimeoutMs: 6000, heartbeatIntervalMs: 3000 }')).toBeDefined()
  })
})

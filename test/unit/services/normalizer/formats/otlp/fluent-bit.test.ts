import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { normalize } from '../../../../../support/normalize.ts'

interface Case {
  readonly input: unknown
  /** There when Fluent Bit must refuse the input. */
  readonly expected_error?: unknown
}

/** The names of Fluent Bit's tests, by whether it takes the input, and what becomes of that here. */
function outcomes(signal: string) {
  const table = JSON.parse(readFileSync(`test/fixtures/otlp/fluent-bit-${signal}.json`, 'utf8')) as Readonly<
    Record<string, Case>
  >
  const settings = {
    formats: { raw: `otlp-${signal}` },
    earliestTime: '1970-01-01T00:00:00Z',
    maxFutureMs: Number.POSITIVE_INFINITY,
  }
  const cases = Object.entries(table).map(([name, { input, expected_error }]) => {
    const { out, task } = normalize([JSON.stringify(input)], { settings })
    for (const { act } of task.quiet) act(out)
    return {
      name,
      taken: expected_error === undefined,
      refused: out.rejected[0]?.detail,
      sent: out.sent.length,
    }
  })
  return {
    takenOnlyThere: cases
      .filter(({ taken, refused, sent }) => taken && (refused !== undefined || sent === 0))
      .map(({ name, refused }) => `${name}: ${refused ?? 'nothing in it'}`),
    takenOnlyHere: cases.filter(({ taken, sent }) => !taken && sent > 0).map(({ name }) => name),
  }
}

describe('the tests of Fluent Bit', () => {
  it('of metrics agree, but for a number that is none and histograms without a temporality', () => {
    expect(outcomes('metrics')).toMatchInlineSnapshot(`
      {
        "takenOnlyHere": [],
        "takenOnlyThere": [
          "valid_invalid_numeric_skips_points: asDouble is not a number",
          "valid_exponential_histogram_zero_only: aggregationTemporality says neither delta nor cumulative",
          "invalid_exponential_histogram_count_mismatch: aggregationTemporality says neither delta nor cumulative",
          "invalid_exponential_histogram_inconsistent_layout: aggregationTemporality says neither delta nor cumulative",
        ],
      }
    `)
  })

  it('of logs agree, but a wrong id costs only itself, and a wrong record no other', () => {
    expect(outcomes('logs')).toMatchInlineSnapshot(`
      {
        "takenOnlyHere": [
          "invalid_trace_id_length",
          "invalid_span_id_length",
          "invalid_trace_id_format",
          "invalid_span_id_format",
          "trace_id_invalid_hex_character",
          "span_id_invalid_hex_character",
          "trace_id_odd_length",
          "span_id_odd_length",
          "trace_id_mixed_valid_invalid_hex",
          "span_id_mixed_valid_invalid_hex",
          "base64_encoded_trace_span",
          "mixed_encoding_formats",
          "multiple_records_middle_record_fails",
          "complex_nested_structure_deep_failure",
          "mixed_valid_invalid_trace_span_ids",
          "partial_group_processing_body_type_failure",
        ],
        "takenOnlyThere": [
          "empty_logrecords_allowed: nothing in it",
          "empty_resourceLogs: nothing in it",
        ],
      }
    `)
  })

  it('of traces agree, but a wrong parent, status or event costs no span', () => {
    expect(outcomes('traces')).toMatchInlineSnapshot(`
      {
        "takenOnlyHere": [
          "invalid_parent_span_id",
          "event_missing_name",
          "status_invalid_code",
          "parent_span_id_invalid_hex",
          "parent_span_id_odd_length",
        ],
        "takenOnlyThere": [],
      }
    `)
  })
})

import { expect } from 'vitest'
import { ConfigurationError } from '../../../shared/errors.ts'

/** The sentence with which the start stops. */
export function refusalOf(load: () => unknown): string {
  try {
    load()
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError)
    return error instanceof Error ? error.message : ''
  }
  throw new Error('the configuration was accepted')
}

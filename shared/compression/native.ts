import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** Native code that few topics need: loaded with the first record that is packed so. */
export const snappy = () => require('snappy') as typeof import('snappy')

/** As `snappy`. */
export const lz4 = () => require('lz4-napi') as typeof import('lz4-napi')

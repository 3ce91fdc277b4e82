import { seededRandom } from './random.ts'

/** Numbers of a standard normal distribution that are the same for the same seed (Box and Muller 1958). */
export function gaussian(seed: number): () => number {
  const random = seededRandom(seed)
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

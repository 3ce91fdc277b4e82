/** Where avsc stands in a buffer that it reads or writes; beyond its end when there is not enough of it. */
export interface Tap {
  readonly buf: Buffer
  pos: number
  readLong(): number
  readString(): string
  skipLong(): void
  skipString(): void
  writeLong(value: number): void
}

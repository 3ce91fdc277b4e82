/** `offset!used`: what tenants had used when the window of their series began, and where that was; without series only what they have used. */
interface WindowBegin {
  readonly offset: number
  readonly memo: string
}

export const textOfTenantMemo = ({ offset, memo }: WindowBegin): string => `${offset.toString(36)}!${memo}`

/** Throws RangeError when it is damaged. */
export function readTenantMemo(text = ''): { readonly began: number | undefined; readonly used: string } {
  const at = text.indexOf('!')
  if (at < 0) return { began: undefined, used: text }
  const began = text.slice(0, at)
  if (!/^[\da-z]{1,11}$/.test(began))
    throw new RangeError(`“${began.slice(0, 40)}” is not where a window of series began`)
  return { began: Number.parseInt(began, 36), used: text.slice(at + 1) }
}

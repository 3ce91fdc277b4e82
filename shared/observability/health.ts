/** Whether the service can do its work now, and if not, why: what /ready tells. */
export interface Health {
  /** Something that `key` names is missing, for the reason given in a sentence. */
  setNotReady(key: string, reason: string): void
  setReady(key: string): void
  /** Ready when nothing is missing. */
  snapshot(): { readonly ready: boolean; readonly reasons: readonly string[] }
}

export function createHealth(): Health {
  const missing = new Map<string, string>()
  return {
    setNotReady: (key, reason) => void missing.set(key, reason),
    setReady: (key) => void missing.delete(key),
    snapshot: () => ({ ready: missing.size === 0, reasons: [...new Set(missing.values())] }),
  }
}

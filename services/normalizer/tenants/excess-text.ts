import type { Excess } from './accounts.ts'

/** Why something is parked, as a code: quota_points, quota_bytes, quota_series, share_points or share_bytes. */
export const reasonOf = ({ of, resource }: Excess) => `${of}_${resource}`

/** The same for a person. */
export function sentenceOf(tenant: string, { of, resource, limit }: Excess): string {
  const unit = resource === 'series' ? resource : `${resource}/s`
  return of === 'quota'
    ? `tenant “${tenant}” has used up its quota of ${number(limit)} ${unit} in this partition (normalizer.tenants.quotas)`
    : `tenant “${tenant}” has used up its share of the capacity, ${number(limit)} ${unit} in this partition (normalizer.tenants.capacity)`
}

const number = (value: number) => value.toLocaleString('en')

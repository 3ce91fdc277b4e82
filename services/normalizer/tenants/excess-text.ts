import type { Excess } from './accounts.ts'

/** Why something is parked, as a code: quota_points, quota_bytes, share_points or share_bytes. */
export const reasonOf = ({ of, resource }: Excess) => `${of}_${resource}`

/** The same for a person. */
export const sentenceOf = (tenant: string, { of, resource, perSecond }: Excess) =>
  of === 'quota'
    ? `tenant “${tenant}” has used up its quota of ${number(perSecond)} ${resource}/s in this partition (normalizer.tenants.quotas)`
    : `tenant “${tenant}” has used up its share of the capacity, ${number(perSecond)} ${resource}/s in this partition (normalizer.tenants.capacity)`

const number = (value: number) => value.toLocaleString('en')

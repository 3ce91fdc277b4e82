import { describe, expect, it } from 'vitest'
import { memoForReplay, readMemo, textOfMemo } from '../../../../services/normalizer/memo.ts'

describe('what the normalizer remembers', () => {
  it.each([
    [{ lines: '', budgets: '', values: '', tenants: '', readsAgain: false }, ''],
    [{ lines: '1.0', budgets: '', values: '', tenants: '', readsAgain: false }, '1.0'],
    [{ lines: '', budgets: 'b', values: '', tenants: '', readsAgain: false }, ';b'],
    [{ lines: '1.0', budgets: '', values: 'v', tenants: '', readsAgain: false }, '1.0;;v'],
    [{ lines: '', budgets: '', values: '', tenants: 't', readsAgain: false }, ';;;t'],
    [{ lines: '', budgets: '', values: '', tenants: '', readsAgain: true }, ';;;;1'],
  ])('%j is “%s”', (memo, text) => {
    expect(textOfMemo(memo)).toBe(text)
    expect(readMemo(text)).toEqual(memo)
  })

  it('is for a replay what the tags of derived points may be, and nothing else', () => {
    expect(memoForReplay('1.0;b;v;t;1')).toBe(';;v')
    expect(memoForReplay('1.0;b')).toBe('')
  })
})

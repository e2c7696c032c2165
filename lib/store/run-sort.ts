// What the list of runs can be ordered by: the column, and its value as a number.
import type { RunSort, RunSortKey } from '#lib/contract/runs'
import type { RunRecord } from './types.ts'

const COLUMNS = {
  created: { column: 'createdAt', isNullable: false },
  updated: { column: 'updatedAt', isNullable: false },
  iterations: { column: 'iteration', isNullable: false },
  failing: { column: 'failing', isNullable: true },
  cost: { column: 'costUsd', isNullable: true },
  tokens: { column: 'totalTokens', isNullable: false },
} as const satisfies Record<RunSortKey, { column: keyof RunRecord; isNullable: boolean }>

export const NEWEST_FIRST: RunSort = '-created'

export function orderOf(sort: RunSort = NEWEST_FIRST) {
  const descending = sort.startsWith('-')
  const key = (descending ? sort.slice(1) : sort) as RunSortKey // the rest of a RunSort is a key
  return { ...COLUMNS[key], descending }
}

/** null: it has none, and comes last. */
export const sortValueOf = (record: RunRecord, sort?: RunSort): number | null => record[orderOf(sort).column]

/** Whether such a value can be in the column: half a token and a date that there is not cannot. */
export function isSortValue(value: number | null, sort?: RunSort): boolean {
  const { column, isNullable } = orderOf(sort)
  if (value === null) return isNullable
  return Math.abs(value) <= 8.64e15 && (column === 'costUsd' || Number.isInteger(value))
}

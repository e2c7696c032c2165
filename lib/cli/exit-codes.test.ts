import { expect, test } from 'vitest'
import { ERRORS } from '#lib/contract/errors'
import { FINAL_STATUSES } from '#lib/contract/runs'
import { exitCodeOfProblem, exitCodeOfStatus } from './exit-codes.ts'

test('every way a run can end has its own exit code', () => {
  expect(FINAL_STATUSES.map(status => [status, exitCodeOfStatus(status)])).toEqual([
    ['achieved', 0],
    ['exhausted', 3],
    ['failed', 10],
    ['aborted', 7],
  ])
})

test('every error of the API has the exit code of its kind', () => {
  const codes = Object.fromEntries(
    Object.entries(ERRORS).map(([code, { status }]) => [code, exitCodeOfProblem({ status })]),
  )
  expect(codes).toMatchObject({
    bad_json: 2,
    bad_query: 2,
    bad_request: 2,
    unauthorized: 4,
    foreign_origin: 4,
    not_found: 5,
    run_not_found: 5,
    method_not_allowed: 2,
    conflict: 6,
    gate_decided: 6,
    run_not_waiting: 6,
    run_not_active: 6,
    diff_changed: 6,
    body_too_large: 2,
    not_json: 2,
    unknown_host: 4,
    invalid: 2,
    idempotency_mismatch: 2,
    queue_full: 1,
    internal: 1,
    stopping: 1,
    not_ready: 1,
    disk_full: 1,
  })
  expect(Object.values(codes)).not.toContain(0)
})

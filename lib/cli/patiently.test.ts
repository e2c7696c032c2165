import { expect, test, vi } from 'vitest'
import { CliError } from './cli-error.ts'
import { EXIT } from './exit-codes.ts'
import { patiently } from './patiently.ts'

const gone = () => new CliError(EXIT.unreachable, 'cannot be reached')
const answers = (...results: (Error | string)[]) =>
  vi.fn(async () => {
    const next = results.shift() ?? 'the end'
    if (next instanceof Error) throw next
    return next
  })

test('it asks again while nobody answers, and says once that it does', async () => {
  const onLost = vi.fn()
  const ask = answers(gone(), gone(), 'here')
  expect(await patiently(ask, { onLost })).toBe('here')
  expect([ask, onLost].map(fn => fn.mock.calls.length)).toEqual([3, 1])
})

test('what the server refuses is not asked again', async () => {
  const ask = answers(new CliError(EXIT.notFound, 'Run not found'), 'here')
  await expect(patiently(ask)).rejects.toThrow('Run not found')
  expect(ask).toHaveBeenCalledTimes(1)
})

test('it gives up with the reason when its patience is over', async () => {
  const ask = vi.fn(() => Promise.reject(gone()))
  await expect(patiently(ask, { patienceMs: 150 })).rejects.toThrow('cannot be reached')
  expect(ask.mock.calls.length).toBeGreaterThan(1)
})

test('a signal ends the waiting with its reason', async () => {
  const controller = new AbortController()
  const ask = answers(gone(), gone(), gone(), gone(), gone(), gone())
  const asked = patiently(ask, {
    signal: controller.signal,
    onLost: () => controller.abort(new Error('enough')),
  })
  await expect(asked).rejects.toThrow('enough')
  expect(ask).toHaveBeenCalledTimes(1)
})

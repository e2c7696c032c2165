import { setImmediate as tick } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createQueue } from './queue.ts'

/** A queue whose runs let go when they are told to, or when they are stopped. */
function controlled({ maxParallel = 2, maxWaiting = 3 } = {}) {
  const driven: string[] = []
  const reasons = new Map<string, unknown>()
  const release = new Map<string, () => void>()
  const queue = createQueue({
    maxParallel,
    maxWaiting,
    drive(runId, signal) {
      driven.push(runId)
      return new Promise(resolve => {
        release.set(runId, resolve)
        signal.addEventListener('abort', () => {
          reasons.set(runId, signal.reason)
          resolve()
        })
      })
    },
  })
  const finish = async (runId: string) => {
    release.get(runId)?.()
    await tick()
  }
  return { queue, driven, reasons, finish }
}

describe('the queue', () => {
  it('drives in order of the calls, as many as there are slots', async () => {
    const { queue, driven, finish } = controlled()
    for (const id of ['a', 'b', 'c', 'd']) queue.push(id)
    expect(driven).toEqual(['a', 'b'])
    expect(queue.counts()).toEqual({ active: 2, waiting: 2 })
    expect([queue.position('c'), queue.position('d'), queue.position('a')]).toEqual([1, 2, null])
    expect(queue.isBusy()).toBe(true)
    await finish('b')
    expect(driven).toEqual(['a', 'b', 'c'])
    await finish('a')
    await finish('c')
    await finish('d')
    expect(queue.counts()).toEqual({ active: 0, waiting: 0 })
    expect(queue.isBusy()).toBe(false)
  })

  it('takes a waiting run once, and drives an active one once more when it lets go', async () => {
    const { queue, driven, finish } = controlled({ maxParallel: 1 })
    queue.push('a')
    for (let count = 0; count < 3; count += 1) {
      queue.push('a')
      queue.push('b')
    }
    expect(queue.counts()).toEqual({ active: 1, waiting: 1 })
    await finish('a')
    expect(driven).toEqual(['a', 'b'])
    await finish('b')
    expect(driven).toEqual(['a', 'b', 'a'])
    await finish('a')
    expect(driven).toEqual(['a', 'b', 'a'])
  })

  it('takes no more than may wait', () => {
    const { queue } = controlled({ maxParallel: 1, maxWaiting: 1 })
    queue.admit()
    queue.push('a')
    queue.admit()
    queue.push('b')
    expect(() => queue.admit()).toThrow(
      expect.objectContaining({ code: 'queue_full', headers: { 'Retry-After': expect.any(String) } }),
    )
  })

  it('stops a run that waits, one that is driven, and says when it knows none', async () => {
    const { queue, driven, reasons } = controlled({ maxParallel: 1 })
    queue.push('a')
    queue.push('b')
    queue.push('a') // would be driven again
    expect(await queue.stop('b', 'why')).toBe(true)
    expect(await queue.stop('a', 'why')).toBe(true)
    expect(await queue.stop('c', 'why')).toBe(false)
    await tick()
    expect(driven).toEqual(['a'])
    expect([...reasons]).toEqual([['a', 'why']])
  })

  it('that is closed stops all, takes nothing, and starts nothing', async () => {
    const { queue, driven, reasons } = controlled()
    for (const id of ['a', 'b', 'c']) queue.push(id)
    await queue.close('closing')
    queue.push('d')
    await tick()
    expect(driven).toEqual(['a', 'b'])
    expect([...reasons.values()]).toEqual(['closing', 'closing'])
    expect(() => queue.admit()).toThrow(expect.objectContaining({ code: 'stopping' }))
  })
})

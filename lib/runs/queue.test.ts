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
    drainMs: 0,
    drive(runId, { signal }) {
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
    for (const id of ['a', 'b', 'c', 'd']) queue.push(id, 0)
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
    queue.push('a', 0)
    for (let count = 0; count < 3; count += 1) {
      queue.push('a', 0)
      queue.push('b', 0)
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
    queue.push('a', 0)
    queue.admit()
    queue.push('b', 0)
    expect(() => queue.admit()).toThrow(
      expect.objectContaining({ code: 'queue_full', headers: { 'Retry-After': expect.any(String) } }),
    )
  })

  it('stops a run that waits, one that is driven, and says when it knows none', async () => {
    const { queue, driven, reasons } = controlled({ maxParallel: 1 })
    queue.push('a', 0)
    queue.push('b', 0)
    queue.push('a', 0) // would be driven again
    expect(await queue.stop('b', 'why')).toBe(true)
    expect(await queue.stop('a', 'why')).toBe(true)
    expect(await queue.stop('c', 'why')).toBe(false)
    await tick()
    expect(driven).toEqual(['a'])
    expect([...reasons]).toEqual([['a', 'why']])
  })

  it('that is closed stops all, takes nothing, and starts nothing', async () => {
    const { queue, driven, reasons } = controlled()
    for (const id of ['a', 'b', 'c']) queue.push(id, 0)
    await queue.close('closing')
    queue.push('d', 0)
    await tick()
    expect(driven).toEqual(['a', 'b'])
    expect([...reasons.values()]).toEqual(['closing', 'closing'])
    expect(() => queue.admit()).toThrow(expect.objectContaining({ code: 'stopping' }))
  })
})

describe('priority', () => {
  it('puts a run before those of a lower one, and behind its equals', async () => {
    const { queue, driven, finish } = controlled({ maxParallel: 1, maxWaiting: 9 })
    queue.push('first', 0)
    queue.push('low', -1)
    queue.push('b', 0)
    queue.push('high', 5)
    queue.push('c', 0)
    expect(queue.waiting()).toEqual(['high', 'b', 'c', 'low'])
    expect(queue.position('b')).toBe(2)
    for (const id of ['first', 'high', 'b', 'c']) await finish(id)
    expect(driven).toEqual(['first', 'high', 'b', 'c', 'low'])
  })
})

describe('closing', () => {
  /** A run that lets go only when it is told to end at once. */
  function stubborn(drainMs: number) {
    const told: string[] = []
    const queue = createQueue({
      maxParallel: 1,
      maxWaiting: 1,
      drainMs,
      drive: (_, { signal, draining }) =>
        new Promise(resolve => {
          draining.addEventListener('abort', () => told.push(`drain ${draining.reason}`))
          signal.addEventListener('abort', () => {
            told.push(`stop ${signal.reason}`)
            resolve()
          })
        }),
    })
    queue.push('a', 0)
    return { queue, told }
  }

  it('first tells what runs to begin nothing more, then to end', async () => {
    const { queue, told } = stubborn(5)
    await queue.close('closing')
    expect(told).toEqual(['drain closing', 'stop closing'])
  })

  it('does not wait for a run that has let go', async () => {
    const { queue, finish } = controlled({ maxParallel: 1 })
    queue.push('a', 0)
    const closed = queue.close('closing')
    await finish('a')
    await closed
    expect(queue.counts()).toEqual({ active: 0, waiting: 0 })
  })

  it('an abort ends a run that drains at once', async () => {
    const { queue, told } = stubborn(60_000)
    const closed = queue.close('closing')
    await queue.stop('a', 'enough')
    await closed
    expect(told).toEqual(['drain closing', 'stop enough'])
  })
})

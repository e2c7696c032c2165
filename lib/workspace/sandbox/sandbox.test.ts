import { expect, test } from 'vitest'
import { LIMITS } from '#lib/limits'
import { findBubblewrap } from './find-bubblewrap.ts'
import { openSandbox } from './open-sandbox.ts'
import { countsPerSandbox, memoryLimit } from './sandbox.ts'

const nobody = {
  run: () => {
    throw new Error('nothing is to be run')
  },
}

test('memory is limited by the constant, and on a small machine by three quarters of it', () => {
  expect(memoryLimit(64 * 2 ** 30)).toBe(LIMITS.commandMemoryBytes)
  expect(memoryLimit(4 * 2 ** 30)).toBe(3 * 2 ** 30)
})

test('processes are counted by a system that counts those of a sandbox alone', () => {
  expect(['5.4.0-generic', '5.13.19', '4.19.0'].map(countsPerSandbox)).toEqual([false, false, false])
  expect(['5.14.0', '6.1.0-18-amd64', '6.18.44-fc'].map(countsPerSandbox)).toEqual([true, true, true])
})

test('on another system there is none, which is said', async () => {
  expect(await findBubblewrap(nobody, 'freebsd')).toEqual({
    why: 'there is no sandbox for freebsd yet, only for Linux and macOS',
  })
})

test('one that was switched off is not tried', async () => {
  const opened = await openSandbox({
    asked: 'off',
    spawner: nobody,
    dataDir: '/nowhere',
    readable: [],
    env: {},
  })
  expect(opened).toMatchObject({ sandbox: null, state: { mode: 'off', isRequired: false } })
  expect(opened.state.note).toContain('not sandboxed')
})

test('one that cannot be tried is none, and says why', async () => {
  const opened = await openSandbox({
    asked: 'auto',
    spawner: nobody,
    dataDir: '/nowhere',
    readable: [],
    env: {},
  })
  expect(opened.sandbox).toBeNull()
  expect(opened.why).toMatch(/^the sandbox could not be tried \(.+\)$/)
})

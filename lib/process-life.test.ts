import { describe, expect, it } from 'vitest'
import { startProgram } from './testing/program.ts'

const WAYS = ['timer', 'immediate', 'tick', 'promise', 'async function', 'callback', 'emitter']

describe('what throws where nobody can catch it', () => {
  it.each(WAYS)('in a %s, is blamed on its own scope, and the process goes on', async way => {
    const program = startProgram('faults', [way, 'scope'])
    expect(await program.exited).toBe(0)
    expect(program.output.out).toMatch(
      /^error: (uncaught exception|unhandled rejection)\nblamed: (nobody catches this|ECONNREFUSED)\nalive\n$/,
    )
  })

  it('in no scope, ends the process, because nobody knows what is broken', async () => {
    const program = startProgram('faults', ['timer', 'nowhere'])
    expect(await program.exited).toBe(1)
    expect(program.output.out).toBe('error: uncaught exception\n')
  })

  it('but a forgotten promise in no scope is only told', async () => {
    const program = startProgram('faults', ['promise', 'nowhere'])
    expect(await program.exited).toBe(0)
    expect(program.output.out).toBe('error: unhandled rejection\n')
  })
})

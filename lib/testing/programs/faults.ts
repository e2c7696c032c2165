// Throws where nobody can catch it, in the way that the argument names, within a scope or in none; says who was blamed.
import { readFile } from 'node:fs'
import { connect } from 'node:net'
import { createFaultScopes } from '#lib/fault-scopes'
import { answerFaults } from '#lib/process-life'

const WAYS: Record<string, () => void> = {
  timer: () => setTimeout(fail, 5),
  immediate: () => setImmediate(fail),
  tick: () => process.nextTick(fail),
  promise: () => void Promise.resolve().then(fail),
  'async function': () =>
    void (async () => {
      await new Promise(resolve => setTimeout(resolve, 5))
      fail()
    })(),
  callback: () => readFile('/', fail),
  // An emitter without a listener for `error` throws.
  emitter: () => connect(1, '127.0.0.1'),
}

function fail() {
  throw new Error('nobody catches this')
}

const [way, where] = process.argv.slice(2)
const scopes = createFaultScopes()
answerFaults({ scopes, log: (level, message) => console.log(`${level}: ${message}`) })
const start = WAYS[way ?? '']!
if (where === 'scope') {
  scopes.run(
    () => console.log('blamed the other'),
    () => setTimeout(() => {}, 20),
  )
  scopes.run(error => {
    console.log(`blamed: ${(error as { code?: string }).code ?? (error as Error).message}`)
    // What else the process does goes on.
    setTimeout(() => console.log('alive'), 20)
  }, start)
} else start()

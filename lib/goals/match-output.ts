// A user's pattern against a check's output. A pattern such as (a+)+$ can run for years, so it runs in a thread of its own
// that is ended when its time is up; the event loop never waits for it.
import { Worker } from 'node:worker_threads'

export type Match = 'yes' | 'no' | 'too_slow'

// As text, so that it also works from a bundled server, where there is no file to point at.
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads')
parentPort.postMessage(new RegExp(workerData.pattern, 'm').test(workerData.text))
`

/** Whether the pattern (flag `m`: `^` and `$` also match at lines) is found. Rejects for a pattern that is none. */
export async function matchOutput(pattern: string, text: string, limitMs = 5000): Promise<Match> {
  const worker = new Worker(THREAD, {
    eval: true,
    workerData: { pattern, text },
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 128 },
  })
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise<Match>((resolve, reject) => {
      timer = setTimeout(() => resolve('too_slow'), limitMs)
      worker.once('message', found => resolve(found === true ? 'yes' : 'no'))
      worker.once('error', reject)
      worker.once('exit', () => reject(new Error('The thread that matches the pattern ended')))
    })
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}

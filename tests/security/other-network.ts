// A second network namespace with a cable to this one: as another machine of the same network sees us. Needs root.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { readlink } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface OtherNetwork {
  /** Our address at this end of the cable. */
  address: string
  /** Tries to ask for a page there: its status, or the code of the error. */
  ask(url: string): Promise<string>
  close(): Promise<void>
}

/** Resolves with the reason when there can be none here. */
export async function openOtherNetwork(): Promise<OtherNetwork | string> {
  if (process.getuid?.() !== 0) return 'a second network needs root'
  const name = `rt${process.pid.toString(36)}`
  const other: ChildProcess = spawn('unshare', ['-n', 'sleep', '600'], { stdio: 'ignore' })
  const close = async () => {
    other.kill('SIGKILL') // the namespace goes with it, and the cable with the namespace
  }
  try {
    await new Promise<void>((resolve, reject) => {
      other.once('spawn', resolve)
      other.once('error', reject)
    })
    const pid = String(other.pid)
    const inside = (...args: string[]) => run('nsenter', ['-t', pid, '-n', ...args])
    await untilSeparate(pid)
    await run('ip', ['link', 'add', `${name}a`, 'type', 'veth', 'peer', 'name', `${name}b`, 'netns', pid])
    await run('ip', ['addr', 'add', '10.213.77.1/30', 'dev', `${name}a`])
    await run('ip', ['link', 'set', `${name}a`, 'up'])
    await inside('ip', 'addr', 'add', '10.213.77.2/30', 'dev', `${name}b`)
    await inside('ip', 'link', 'set', `${name}b`, 'up')
    return {
      address: '10.213.77.1',
      async ask(url) {
        const { stdout } = await inside(process.execPath, '-e', ASK, url)
        return stdout.trim()
      },
      close,
    }
  } catch (error) {
    await close()
    const { message } = error as Error
    return `there can be no second network here: ${message.split('\n').slice(-2).join(' ').trim()}`
  }
}

const ASK = `
const request = require('node:http').get(process.argv[1], { timeout: 3000 }, response => {
  console.log(response.statusCode)
  process.exit()
})
request.on('timeout', () => request.destroy(Object.assign(new Error(), { code: 'TIMEOUT' })))
request.on('error', error => console.log(error.code))
`

/** `unshare` has made it once it differs from ours. */
async function untilSeparate(pid: string): Promise<void> {
  const ours = await readlink('/proc/self/ns/net')
  for (let tries = 0; tries < 200; tries++) {
    if ((await readlink(`/proc/${pid}/ns/net`).catch(() => ours)) !== ours) return
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  throw new Error('unshare did not separate')
}

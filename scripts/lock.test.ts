// Two builds at once: real processes, one lock.
import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { tempFolder } from '#lib/testing/temp-folder'

const LOCK = new URL('./lock.mjs', import.meta.url).href

/** A process that holds the lock for a moment, and writes when it has come in and gone out. */
function worker(folder: string, name: string): Promise<number | null> {
  const program = `
    import { appendFileSync } from 'node:fs'
    import { setTimeout } from 'node:timers/promises'
    const { withLock } = await import(${JSON.stringify(LOCK)})
    await withLock('lock', async () => {
      appendFileSync('log', '${name} in\\n')
      await setTimeout(100)
      appendFileSync('log', '${name} out\\n')
    })`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: folder,
    stdio: 'inherit',
  })
  return new Promise(resolve => child.once('close', resolve))
}

test('processes hold the lock one after the other', async () => {
  const folder = tempFolder('lock')
  appendFileSync(path.join(folder, 'log'), '')
  expect(await Promise.all(['a', 'b', 'c'].map(name => worker(folder, name)))).toEqual([0, 0, 0])
  const lines = readFileSync(path.join(folder, 'log'), 'utf8').trim().split('\n')
  const pairs = [0, 2, 4].map(i => lines.slice(i, i + 2))
  expect(lines).toHaveLength(6)
  for (const [inside, outside] of pairs) expect(outside).toBe(inside?.replace('in', 'out'))
  expect(existsSync(path.join(folder, 'lock'))).toBe(false)
})

test('a lock whose process is gone is taken over', async () => {
  const folder = tempFolder('lock')
  const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await new Promise(resolve => gone.once('close', resolve))
  mkdirSync(path.join(folder, 'lock'))
  writeFileSync(path.join(folder, 'lock/pid'), String(gone.pid))
  expect(await worker(folder, 'a')).toBe(0)
  expect(readFileSync(path.join(folder, 'log'), 'utf8')).toBe('a in\na out\n')
})

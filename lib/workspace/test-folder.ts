// For tests: a folder that goes away, and a look at which processes are there.
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface TestFolder {
  path: string
  write(name: string, content: string | Uint8Array): Promise<void>
  read(name: string): Promise<string>
  remove(): Promise<void>
}

export async function testFolder(): Promise<TestFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'retrai-test-')))
  return {
    path,
    async write(name, content) {
      await mkdir(dirname(join(path, name)), { recursive: true })
      await writeFile(join(path, name), content)
    },
    read: name => readFile(join(path, name), 'utf8'),
    remove: () => rm(path, { recursive: true, force: true }),
  }
}

/** A number of seconds for `sleep` that no other process has: it finds what a command started. */
export function uniqueSeconds(): string {
  return `9${Math.floor(Math.random() * 1e6)}.${Math.floor(Math.random() * 1e6)}`
}

/** Processes with this text in their command line. */
export async function processesWith(text: string): Promise<number[]> {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const line = await readFile(`/proc/${name}/cmdline`, 'latin1').catch(() => '')
    if (line.includes(text)) found.push(Number(name))
  }
  return found
}

/** Waits for a condition; fails the test when it does not come true. */
export async function until(condition: () => Promise<boolean> | boolean, limitMs = 10_000): Promise<void> {
  const began = performance.now()
  while (!(await condition())) {
    if (performance.now() - began > limitMs) throw new Error(`Not true after ${limitMs} ms: ${condition}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

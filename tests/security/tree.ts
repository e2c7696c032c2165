// Somebody renames folders and links at full speed while files are read and written: what is outside is never read, and nothing
// is written there. The same attack on the naive way shows that it is one.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { isAppError } from '#lib/errors'
import { readFileInside, writeFileInside } from '#lib/workspace/files'
import { isInside } from '#lib/workspace/paths'
import type { Scenario } from '../reliability/scenario.ts'

const SIZES = {
  quick: { reads: 6_000, writes: 1_500, naive: 20_000 },
  full: { reads: 200_000, writes: 40_000, naive: 100_000 },
}
const OUTSIDE = 'content of the outside'

/** Exchanges `project/sub` for a link that leads out, and back, for ever. */
const ATTACKER = `
const { lstatSync, renameSync, rmSync, symlinkSync } = require('node:fs')
const [sub, link, away, outside] = process.argv.slice(1)
const find = path => lstatSync(path, { throwIfNoEntry: false })
// A tool that makes missing folders may have made one where the link was to go.
function repair() {
  try {
    if (find(sub)?.isSymbolicLink()) rmSync(sub)
    if (find(away)) {
      rmSync(sub, { recursive: true, force: true })
      renameSync(away, sub)
    }
    if (!find(link)) symlinkSync(outside, link)
  } catch {}
}
process.stdout.write('ready')
for (;;) {
  try {
    renameSync(sub, away)
    renameSync(link, sub)
    renameSync(sub, link)
    renameSync(away, sub)
  } catch {
    repair()
  }
}
`

export const tree: Scenario = {
  name: 'tree',
  promise: 'S11: file tools stay inside the project while folders are exchanged for links under their hands',
  async run({ scale, log }) {
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'retrai-tree-')))
    const root = path.join(folder, 'project')
    const outside = path.join(folder, 'outside')
    await mkdir(path.join(root, 'sub'), { recursive: true })
    await mkdir(outside)
    await writeFile(path.join(root, 'sub/file'), 'inside')
    await writeFile(path.join(outside, 'file'), OUTSIDE)
    await symlink(outside, path.join(root, 'link'))
    const places = ['sub', 'link', 'away'].map(name => path.join(root, name))
    const attacker = spawn(process.execPath, ['-e', ATTACKER, ...places, outside], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await new Promise(resolve => attacker.stdout.once('data', resolve))
      const sizes = SIZES[scale]
      const broken: string[] = []
      const reads = { inside: 0, refused: 0, outside: 0, unexpected: 0 }
      for (let at = 0; at < sizes.reads; at++) {
        try {
          const { content } = await readFileInside(root, 'sub/file')
          if (content.toString() === OUTSIDE) reads.outside++
          else reads.inside++
        } catch (error) {
          if (isExpected(error)) reads.refused++
          else reads.unexpected++
        }
      }
      log(`${sizes.reads} reads`)
      const strange = await readStrange(folder)
      broken.push(...strange.broken)
      const writes = { done: 0, refused: 0, unexpected: 0 }
      for (let at = 0; at < sizes.writes; at++) {
        try {
          await writeFileInside(root, `sub/new-${at % 50}`, 'written')
          writes.done++
        } catch (error) {
          if (isExpected(error)) writes.refused++
          else writes.unexpected++
        }
      }
      const strays = readdirSync(outside).filter(name => name !== 'file')
      let leaked = 0
      let tries = 0
      // Until it has happened: then the attack is one.
      for (; tries < sizes.naive && leaked < 10; tries++) {
        if ((await naiveRead(root, 'sub/file')) === OUTSIDE) leaked++
      }
      if (reads.outside > 0) broken.push(`${reads.outside} reads came from outside`)
      if (strays.length > 0)
        broken.push(`${strays.length} files were written outside: ${strays.slice(0, 5).join(', ')}`)
      if (readFileSync(path.join(outside, 'file'), 'utf8') !== OUTSIDE)
        broken.push('a file outside was changed')
      if (reads.inside === 0 || writes.done === 0) broken.push('nothing was read or written at all')
      if (reads.refused === 0) broken.push('the attacker never stood in the way: the test tests nothing')
      if (reads.unexpected + writes.unexpected > 0)
        broken.push(`${reads.unexpected + writes.unexpected} failures without a sentence`)
      if (leaked === 0 && existsSync('/proc/self/fd'))
        broken.push(`the naive way leaked nothing in ${tries} tries: the attack is too weak to say anything`)
      return {
        figures: {
          'reads inside, refused, outside': `${reads.inside}, ${reads.refused}, ${reads.outside}`,
          'writes done, refused, outside': `${writes.done}, ${writes.refused}, ${strays.length}`,
          'what is no file: refused, slowest ms': `${strange.refused}, ${strange.slowestMs.toFixed(1)}`,
          'the naive way leaked': `${leaked} in ${tries} tries`,
        },
        broken,
      }
    } finally {
      attacker.kill('SIGKILL')
      await new Promise(resolve => attacker.once('close', resolve))
      await rm(folder, { recursive: true, force: true })
    }
  },
}

const AT_ONCE_MS = 100

/** A pipe that nobody writes to, a device, a socket, a huge file, links out: each is refused, and at once. */
async function readStrange(folder: string) {
  const root = path.join(folder, 'strange')
  await mkdir(root)
  await promisify(execFile)('mkfifo', [path.join(root, 'pipe')])
  await symlink('/dev/zero', path.join(root, 'device'))
  await symlink('/etc/passwd', path.join(root, 'out'))
  await symlink('self', path.join(root, 'self'))
  await writeFile(path.join(root, 'huge'), '')
  await truncate(path.join(root, 'huge'), 2 ** 40)
  const server = createServer().listen(path.join(root, 'socket'))
  await once(server, 'listening')
  const broken: string[] = []
  let refused = 0
  let slowestMs = 0
  for (const name of ['pipe', 'device', 'out', 'self', 'huge', 'socket', '.', '..', '../outside/file']) {
    for (const way of ['read', 'written'] as const) {
      if (way === 'written' && name === 'huge') continue // to replace it is allowed
      const began = performance.now()
      const tried = way === 'read' ? readFileInside(root, name) : writeFileInside(root, name, 'x')
      const late = sleep(5000, 'late' as const, { ref: false })
      const how = await Promise.race([
        tried.then(
          () => 'done' as const,
          () => 'refused' as const,
        ),
        late,
      ])
      const ms = performance.now() - began
      slowestMs = Math.max(slowestMs, ms)
      if (how === 'refused') refused++
      if (how !== 'refused' || ms > AT_ONCE_MS)
        broken.push(`${name} is ${how === 'done' ? way : `${how} only`} after ${ms.toFixed(0)} ms`)
    }
  }
  server.close()
  return { refused, slowestMs, broken }
}

/** A sentence for the model, or what a vanished folder is answered with. */
const isExpected = (error: unknown) =>
  isAppError(error) ||
  (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(String(error.code)))

async function naiveRead(root: string, name: string): Promise<string | null> {
  try {
    const file = path.join(root, name)
    if (!isInside(root, await realpath(file))) return null
    return await readFile(file, 'utf8')
  } catch {
    return null
  }
}

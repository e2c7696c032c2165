// One process at a time in a folder: the others wait, and a lock whose owner is gone is taken over.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long a lock may be without the name of its owner: it is written right after the lock is made. */
const UNNAMED_MS = 10_000

/** Runs `work` while holding `directory` as the lock. */
export async function withLock(directory, work) {
  mkdirSync(path.dirname(directory), { recursive: true })
  while (!take(directory)) {
    if (isStale(directory)) removeStale(directory)
    else await sleep(200)
  }
  try {
    return await work()
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function take(directory) {
  try {
    mkdirSync(directory)
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
  writeFileSync(path.join(directory, 'pid'), String(process.pid))
  return true
}

function isStale(directory) {
  try {
    const pid = Number(readFileSync(path.join(directory, 'pid'), 'utf8'))
    if (pid > 0) return !isAlive(pid)
  } catch {
    // Not named yet, or gone by now.
  }
  const stat = statSync(directory, { throwIfNoEntry: false })
  return stat !== undefined && Date.now() - stat.mtimeMs > UNNAMED_MS
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Moved away first: of several that find it stale, one succeeds, and none removes the lock another has just taken. */
function removeStale(directory) {
  const aside = `${directory}.stale-${process.pid}`
  try {
    renameSync(directory, aside)
  } catch {
    return
  }
  rmSync(aside, { recursive: true, force: true })
}

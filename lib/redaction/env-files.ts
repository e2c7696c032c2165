// Finds the .env files of a project, whose values no model, journal or page is to see.
import { constants } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { secretsOfEnvFile } from './secret-values.ts'

const MAX_DEPTH = 2
const MAX_FOLDERS = 300
const MAX_FILES = 50
const MAX_BYTES = 256 * 1024
const SKIPPED = new Set([
  'node_modules',
  '.git',
  '.venv',
  'venv',
  '__pycache__',
  'dist',
  'build',
  'target',
  '.next',
])

/** `.env`, `.env.local`, `prod.env`, `.envrc`; not the examples that are meant to be read. */
export function isEnvFile(path: string): boolean {
  const name = basename(path).toLowerCase()
  if (/\.(?:example|sample|template|dist|defaults?|schema|ts|js|mjs|cjs|py|rb|go|md)$/.test(name))
    return false
  return /^\.env(?:rc)?(?:[.\-_].*)?$|^[\w-]+\.env$/.test(name)
}

/** Secret values of the .env files of a folder and of those just below it. Never throws. */
export async function readEnvFiles(root: string): Promise<string[]> {
  const values: string[] = []
  const waiting = [{ folder: root, depth: 0 }]
  let files = 0
  for (let folders = 0; folders < MAX_FOLDERS && files < MAX_FILES; folders++) {
    const next = waiting.shift()
    if (!next) break
    const entries = await readdir(next.folder, { withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      const path = join(next.folder, entry.name)
      if (entry.isDirectory()) {
        if (next.depth < MAX_DEPTH && !SKIPPED.has(entry.name))
          waiting.push({ folder: path, depth: next.depth + 1 })
      } else if (isEnvFile(entry.name) && files < MAX_FILES) {
        files++
        values.push(...secretsOfEnvFile(await readSmall(path)))
      }
    }
  }
  return values
}

async function readSmall(path: string): Promise<string> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const found = await file.stat()
      return found.isFile() && found.size <= MAX_BYTES ? await file.readFile('utf8') : ''
    } finally {
      await file.close()
    }
  } catch {
    return '' // Gone, or not ours to read: then no run can print it either.
  }
}

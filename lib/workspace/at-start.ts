// What the first check of a run found and no snapshot holds: governing files that .gitignore hides, and the protected files
// that this check itself writes to. Kept with the run.
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeDurably } from '../write-durably.ts'
import { AT_START } from './swapped-files.ts'

const AtStart = z.object({
  /** By path; content as base64, null for a folder, a link, or one that is too large. */
  hidden: z.record(z.string(), z.string().nullable()),
  /** Protected files whose state changed while the first check ran. */
  touched: z.array(z.string()),
})
export type AtStart = z.infer<typeof AtStart>

export async function keepAtStart(stateDir: string, found: AtStart): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 })
  await writeDurably(join(stateDir, AT_START), JSON.stringify(found))
}

/** null for a run whose first check was before this was kept. */
export async function readAtStart(stateDir: string): Promise<AtStart | null> {
  const text = await readFile(join(stateDir, AT_START), 'utf8').catch(() => null)
  if (text === null) return null
  try {
    return AtStart.parse(JSON.parse(text))
  } catch {
    return null // Written whole or not at all; damaged it is as good as missing.
  }
}

import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

/** An empty folder that is gone when the test has finished. */
export function tempFolder(name = 'test'): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), `retrai-${name}-`))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

import { posix } from 'node:path'
import type { ProjectAtStart } from './project-at-start.ts'

/** A project of these files; a list is of empty ones. */
export function startOf(files: Record<string, string> | string[]): ProjectAtStart {
  const texts = Array.isArray(files) ? Object.fromEntries(files.map(name => [name, ''])) : files
  const folders = new Set<string>()
  for (const path of Object.keys(texts))
    for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder)) folders.add(folder)
  return { paths: new Set(Object.keys(texts)), folders, text: async path => texts[path] ?? null }
}

// Tells whether a build is older than its sources: by content, so that a fresh clone or a copied image is not built twice.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

const SOURCE = /\.(ts|tsx|mjs|js|css|json|prisma|svg|ico|png|sql)$/
const NO_SOURCE = /\.(test|fixture)\.tsx?$/
const IGNORED = new Set(['node_modules', 'generated', 'testing', 'project', 'dist', '.next'])

/** A hash over name and content of the source files in `entries`, files or folders of `root`; missing ones count as such. */
export function sourceHash(root, entries) {
  const hash = createHash('sha256')
  for (const file of entries.flatMap(entry => filesIn(root, entry)).sort()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(path.join(root, file)))
      .update('\0')
  }
  return hash.digest('hex')
}

function filesIn(root, entry) {
  const stat = statSync(path.join(root, entry), { throwIfNoEntry: false })
  if (!stat) return []
  if (!stat.isDirectory()) return [entry]
  return readdirSync(path.join(root, entry), { withFileTypes: true }).flatMap(found => {
    if (IGNORED.has(found.name)) return []
    const name = `${entry}/${found.name}`
    if (found.isDirectory()) return filesIn(root, name)
    return SOURCE.test(found.name) && !NO_SOURCE.test(found.name) ? [name] : []
  })
}

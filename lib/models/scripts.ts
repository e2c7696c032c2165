// Finds scripts by name: those that come with the product and those of a directory the user names.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError, messageOf } from '#lib/errors'
import { Script } from './scripted.ts'
// Imported, not read from disk, so that they are there in whatever way the server is bundled.
import demo from './scripts/demo.json' with { type: 'json' }

const BUNDLED: Record<string, unknown> = { demo }

export interface Scripts {
  /** Throws AppError('invalid') when there is no such script or it is not a script. */
  get(name: string): Script
  /** Every script that can be read, by name; a file that is none carries its problem. */
  list(): { name: string; title: string; problem: string | null }[]
}

export function createScripts({ scriptsDir }: { scriptsDir?: string | undefined } = {}): Scripts {
  function names(): string[] {
    return [...new Set([...ownNames(scriptsDir), ...Object.keys(BUNDLED)])]
  }

  function get(name: string): Script {
    if (!names().includes(name)) {
      const known = names().join(', ')
      throw invalid(`There is no script called “${name}”; the known ones are: ${known}`)
    }
    const source = ownNames(scriptsDir).includes(name) ? readOwn(scriptsDir, name) : BUNDLED[name]
    const parsed = Script.safeParse(source)
    if (parsed.success) return parsed.data
    throw invalid(`The script “${name}” is not valid: ${z.prettifyError(parsed.error)}`)
  }

  function list() {
    return names().map(name => {
      try {
        return { name, title: get(name).title, problem: null }
      } catch (error) {
        return { name, title: name, problem: messageOf(error) }
      }
    })
  }

  return { get, list }
}

/** Names are taken from the listing of the directory, so a name cannot lead out of it. */
function ownNames(scriptsDir: string | undefined): string[] {
  if (scriptsDir === undefined) return []
  try {
    return readdirSync(scriptsDir)
      .filter(file => file.endsWith('.json'))
      .map(file => file.slice(0, -'.json'.length))
      .sort()
  } catch {
    return [] // No such directory: no scripts of one's own. `get` then names the ones there are.
  }
}

function readOwn(scriptsDir: string | undefined, name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(scriptsDir ?? '', `${name}.json`), 'utf8'))
  } catch (error) {
    throw invalid(`The script “${name}” cannot be read: ${messageOf(error)}`)
  }
}

const invalid = (message: string) =>
  new AppError('invalid', message, { fields: [{ pointer: '/model_name', detail: message }] })

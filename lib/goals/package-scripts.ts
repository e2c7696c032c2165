// Which scripts of package.json a call runs, and what the package itself is.
import { posix } from 'node:path'
import { parseObject, valueAt } from '../workspace/json-keys.ts'
import { baseName } from './command-line.ts'
import type { ProjectAtStart } from './project-at-start.ts'

export interface PackageAtStart {
  file: string
  scripts: Record<string, string>
  /** What the package gives to others: its main, bin and exports. */
  main: ReadonlySet<string>
}

/** The nearest package.json, as npm looks for it. */
export async function packageAt(start: ProjectAtStart, folder: string): Promise<PackageAtStart | null> {
  for (let at = folder; ; at = posix.dirname(at)) {
    const dir = at === '.' ? '' : at
    const file = dir === '' ? 'package.json' : `${dir}/package.json`
    const object = parseObject((await start.text(file)) ?? '')
    if (object) {
      const scripts = Object.entries(Object(valueAt(object, ['scripts'])) as Record<string, unknown>) // read as unknown
      return {
        file,
        scripts: Object.fromEntries(
          scripts.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
        ),
        main: new Set(
          [object.main ?? 'index.js', object.module, object.types, object.bin, object.exports, object.browser]
            .flatMap(pathsIn)
            .map(path => posix.join(dir, path)),
        ),
      }
    }
    if (dir === '') return null
  }
}

function pathsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(pathsIn) : []
}

const MANAGERS = new Set(['npm', 'pnpm', 'yarn', 'bun'])
const RUN_MANY = new Set([
  'run-s',
  'run-p',
  'npm-run-all',
  'npm-run-all2',
  'concurrently',
  'wireit',
  'turbo',
  'lerna',
  'nx',
])

/** null when it runs none. `everywhere`: in the packages of a workspace too. */
export function scriptsCalled(
  words: string[],
  scripts: Record<string, string>,
): { names: string[]; everywhere: boolean } | null {
  const rest = words.filter(word => word !== 'npx' && word !== 'cross-env' && !/^[A-Za-z_]\w*=/.test(word))
  const program = baseName(rest[0] ?? '')
  const plain = rest.slice(1).filter(word => !word.startsWith('-'))
  if (RUN_MANY.has(program)) {
    const names = rest
      .slice(1)
      .flatMap(word => word.split(/\s+/))
      .map(word => word.replace(/^(npm|pnpm|yarn|bun):/, ''))
      .flatMap(word => named(word, scripts))
    return { names: [...new Set(names)], everywhere: ['turbo', 'lerna', 'nx'].includes(program) }
  }
  if (!MANAGERS.has(program)) return program === 'node' && rest[1] === '--run' ? one(rest[2]) : null
  const everywhere = rest.some(word => /^(-r|-w|--workspaces?|--recursive|--filter|workspaces?)\b/.test(word))
  const [first = '', second] = plain.filter(word => !['workspaces', 'foreach'].includes(word))
  if (['run', 'run-script', 'rum', 'urn'].includes(first)) return one(second, everywhere)
  if (['test', 't', 'tst'].includes(first) && program !== 'bun') return one('test', everywhere)
  if (['start', 'stop', 'restart'].includes(first)) return one(first, everywhere)
  if (program !== 'npm' && Object.hasOwn(scripts, first)) return one(first, everywhere)
  // Options with a value may stand before the name.
  const any = everywhere ? plain.find(word => Object.hasOwn(scripts, word) || word === 'test') : undefined
  return any === undefined ? null : one(any, true)
}

const one = (name: string | undefined, everywhere = false) => (name ? { names: [name], everywhere } : null)

/** `test:*` is every script of that kind. */
function named(word: string, scripts: Record<string, string>): string[] {
  if (!word.includes('*')) return Object.hasOwn(scripts, word) ? [word] : []
  const pattern = new RegExp(
    `^${word
      .split('*')
      .map(part => part.replace(/[.+?^$()[\]{}|\\]/g, '\\$&'))
      .join('.*')}$`,
  )
  return Object.keys(scripts).filter(name => pattern.test(name))
}

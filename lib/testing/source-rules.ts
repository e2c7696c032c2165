// What architecture.test.ts asks of the source, as pure functions over text: each is tried on made-up sources too, so that a rule
// that can no longer fail is noticed.
import path from 'node:path'

export interface SourceFile {
  /** From the project's root, with slashes. */
  path: string
  text: string
}

export interface Import {
  from: string
  /** A file of the project, or the name of a package. */
  to: string
  /** Gone once compiled: it binds no module at run time. */
  isType: boolean
}

const STATEMENT =
  /^[ \t]*(?:import|export)\b((?:(?!^[ \t]*(?:import|export)\b)[^'"`;])*?)\bfrom\s*['"]([^'"\n]+)['"]/gm
const SIDE_EFFECT = /^[ \t]*import\s*['"]([^'"\n]+)['"]/gm
const DYNAMIC = /(typeof\s+)?\bimport\(\s*['"]([^'"\n]+)['"]\s*\)(\.\w)?/g

export function importsOf({ path: from, text }: SourceFile): Import[] {
  const source = withoutComments(text)
  return [
    ...[...source.matchAll(STATEMENT)].map(([, what = '', to = '']) => ({
      from,
      to: target(from, to),
      isType: isTypeOnly(what),
    })),
    ...[...source.matchAll(SIDE_EFFECT)].map(([, to = '']) => ({
      from,
      to: target(from, to),
      isType: false,
    })),
    // `import('x').Y` without await is a type.
    ...[...source.matchAll(DYNAMIC)].map(([, query, to = '', member]) => ({
      from,
      to: target(from, to),
      isType: query !== undefined || member !== undefined,
    })),
  ]
}

function isTypeOnly(what: string): boolean {
  if (/^\s*type\b/.test(what)) return true
  const named = /^\s*\{([\s\S]*)\}\s*$/.exec(what)?.[1]
  if (named === undefined) return false
  const names = named
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
  return names.length > 0 && names.every(name => name.startsWith('type '))
}

function target(from: string, to: string): string {
  if (to.startsWith('#lib/')) return `lib/${to.slice(5)}.ts`
  if (to.startsWith('#ui/')) return `app/_ui/${to.slice(4)}.tsx`
  if (to.startsWith('#gen/')) return `prisma/generated/${to.slice(5)}.ts`
  if (to.startsWith('.')) return path.posix.join(path.posix.dirname(from), to)
  // The package, without the path inside it.
  return to
    .split('/')
    .slice(0, to.startsWith('@') ? 2 : 1)
    .join('/')
}

const withoutComments = (text: string) =>
  text.replace(/^[ \t]*\/\/.*$/gm, '').replace(/^[ \t]*\/\*[\s\S]*?\*\//gm, '')

/** `a → b → a` for each ring of run-time imports. */
export function cyclesIn(imports: Import[]): string[] {
  const next = new Map<string, string[]>()
  for (const { from, to, isType } of imports) {
    if (!isType) next.set(from, [...(next.get(from) ?? []), to])
  }
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (file: string, trail: string[]) => {
    const at = trail.indexOf(file)
    if (at >= 0) {
      cycles.push([...trail.slice(at), file].join(' → '))
      return
    }
    if (done.has(file)) return
    for (const to of next.get(file) ?? []) visit(to, [...trail, file])
    done.add(file)
  }
  for (const file of next.keys()) visit(file, [])
  return cycles
}

/** Everything that is loaded at run time when these files are. */
export function reachableFrom(files: string[], imports: Import[]): Set<string> {
  const reached = new Set(files)
  const open = [...files]
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    for (const { from, to, isType } of imports) {
      if (from !== file || isType || reached.has(to)) continue
      reached.add(to)
      open.push(to)
    }
  }
  return reached
}

/** Which part of the house a file belongs to; a package is its own part. */
export type PartOf = (file: string) => string

/** Imports that lead to a part their own may not use. `*`: any part of the project. */
export function forbiddenImports(
  imports: Import[],
  partOf: PartOf,
  allowed: Record<string, readonly string[]>,
): string[] {
  return imports.flatMap(({ from, to }) => {
    const [part, other] = [partOf(from), partOf(to)]
    const may = allowed[part]
    if (may === undefined) return [`${from}: its part «${part}» is not in the table`]
    if (part === other || may.includes(other) || may.includes('*')) return []
    return [`${from} imports ${to}, but ${part} may not use ${other}`]
  })
}

/** Packages used outside the folders that may. */
export function strayPackages(imports: Import[], homes: Record<string, readonly string[]>): string[] {
  return imports.flatMap(({ from, to }) => {
    const home = homes[to]
    return home === undefined || home.some(folder => from === folder || from.startsWith(`${folder}/`))
      ? []
      : [`${from} imports ${to}, which belongs to ${home.join(', ')}`]
  })
}

/** Lines at the start of a module that declare state. */
export const moduleState = ({ path: file, text }: SourceFile) =>
  linesOf(text)
    .filter(({ line }) => /^(export\s+)?(let|var)\s/.test(line))
    .map(({ line, number }) => `${file}:${number}: ${line.trim()}`)

/** Lines that only pass on what another file exports. */
export const reExports = ({ path: file, text }: SourceFile) =>
  linesOf(text)
    .filter(({ line }) => /^export\s+(type\s+)?(\*|\{[^}]*\})(\s+as\s+\w+)?\s*from\s/.test(line))
    .map(({ line, number }) => `${file}:${number}: ${line.trim()}`)

/** `any` as a type, where no comment for the linter gives the reason. */
export function explicitAny({ path: file, text }: SourceFile): string[] {
  const lines = linesOf(text)
  return lines
    .filter(({ line, number }) => {
      const code = line.replace(/\/\/.*$/, '').replace(/(['"`])(?:\\.|(?!\1).)*\1/g, "''")
      const isExcused = /biome-ignore .*noExplicitAny: \w/.test(lines[number - 2]?.line ?? '')
      return (
        !isExcused &&
        /(?::\s*|\bas\s+|<|,\s*|=\s*|\|\s*)any\b(?=\s*[,>)\]|;=&{[]|\s*$)/.test(code) &&
        !/^\s*\*/.test(line)
      )
    })
    .map(({ line, number }) => `${file}:${number}: ${line.trim()}`)
}

export const readsEnvironment = ({ text }: SourceFile) =>
  /\bprocess\s*\.\s*env\b|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/.test(withoutComments(text))

/** Ways to turn text into a page's HTML, or into code. What a run prints must have none of them. */
const HTML_SINKS =
  /\b(?:dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|srcDoc|srcdoc|setHTMLUnsafe|parseHTMLUnsafe)\b|\bdocument\s*\.\s*write(?:ln)?\b|\bnew\s+(?:Function|DOMParser)\b|(?<![\w.])eval\s*\(|\bset(?:Timeout|Interval)\(\s*['"`]|\bstyle=\{\{[^}]*\}\}/g

/** `ssr: false` pages may have style attributes: there the browser sets them, not the HTML. */
export function htmlSinks({ path: file, text }: SourceFile, mayStyle: readonly string[] = []): string[] {
  return linesOf(text).flatMap(({ line, number }) =>
    [...line.replace(/^\s*(?:\/\/|\*|\/\*).*$/, '').matchAll(HTML_SINKS)]
      .filter(([found]) => !(found.startsWith('style=') && mayStyle.includes(file)))
      .map(([found]) => `${file}:${number}: ${found}`),
  )
}

const linesOf = (text: string) => text.split('\n').map((line, index) => ({ line, number: index + 1 }))

// Single values in files that hold other things too: JSON, TOML and INI, told by their names. What is written here stands
// in its place only while a check runs, so comments and formatting need not survive.
import { parse, stringify } from 'smol-toml'
import { sectionOf, withSection } from './ini-sections.ts'
import { type JsonObject, parseObject, sameValue, setAt, valueAt, withValue } from './json-keys.ts'

export interface KeyedFile {
  /** undefined when there is nothing at that place. */
  get(path: string[]): unknown
  /** The text with that value; undefined takes the key out. */
  with(changes: { path: string[]; value: unknown }[]): string
}

/** null when the text cannot be read in the format that its name says. */
export function readKeyed(file: string, text: string): KeyedFile | null {
  if (/\.(cfg|ini)$/i.test(file)) return readIni(text)
  if (/\.toml$/i.test(file)) return readToml(text)
  const object = parseObject(text)
  return (
    object && {
      get: path => valueAt(object, path),
      with: changes => changes.reduce((kept, { path, value }) => withValue(kept, path, value), text),
    }
  )
}

export const sameKey = sameValue

function readIni(text: string): KeyedFile {
  return {
    get: ([section = '']) => sectionOf(text, section),
    with: changes =>
      changes.reduce((kept, { path: [section = ''], value }) => {
        return withSection(kept, section, typeof value === 'string' ? value : undefined)
      }, text),
  }
}

function readToml(text: string): KeyedFile | null {
  const read = (): JsonObject => parse(text.replace(/^\uFEFF/, ''))
  try {
    const object = read()
    return {
      get: path => valueAt(object, path),
      with(changes) {
        const changed = read()
        for (const { path, value } of changes) setAt(changed, path, value)
        return stringify(changed)
      },
    }
  } catch {
    return null
  }
}

// What a server keeps in its data directory, as bytes to look through.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync, inflateSync } from 'node:zlib'

export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.join(entry.parentPath, entry.name))

/** Evidence is kept compressed. */
export function unpacked(bytes: Buffer): string {
  const found: string[] = []
  for (
    let at = bytes.indexOf('\x1f\x8b\x08', 0, 'latin1');
    at !== -1;
    at = bytes.indexOf('\x1f\x8b\x08', at + 1, 'latin1')
  ) {
    try {
      found.push(gunzipSync(bytes.subarray(at), { finishFlush: 2 }).toString('utf8'))
    } catch {
      // Not the beginning of something compressed, or cut by a page of the database.
    }
  }
  return found.join('\n')
}

/** A file with all that can be read in it: as it is, and unpacked, as evidence and objects of git are. */
export function readable(file: string): string {
  const bytes = readFileSync(file)
  return bytes.toString('latin1') + unpacked(bytes) + inflated(bytes)
}

function inflated(bytes: Buffer): string {
  try {
    return bytes[0] === 0x78 ? inflateSync(bytes).toString('latin1') : ''
  } catch {
    return '' // Only looks as if.
  }
}

// A run as one ZIP file, written piece by piece, so that a long history is never whole in memory.
import { strToU8, Zip, ZipDeflate } from 'fflate'

export interface BundlePart {
  name: string
  content: string | AsyncIterable<string>
}

/** `at`: what the files in it are dated with, so that the same run gives the same bytes. */
export async function* bundleOf(parts: BundlePart[], at: Date): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = []
  let failure: Error | null = null
  const zip = new Zip((error, piece) => {
    if (error) failure = error
    else ready.push(piece)
  })
  function* given() {
    if (failure) throw failure
    yield* ready.splice(0)
  }
  for (const { name, content } of parts) {
    const entry = new ZipDeflate(name, { level: 6 })
    entry.mtime = at
    zip.add(entry)
    for await (const text of typeof content === 'string' ? [content] : content) {
      entry.push(strToU8(text))
      yield* given()
    }
    entry.push(new Uint8Array(), true)
    yield* given()
  }
  zip.end()
  yield* given()
}

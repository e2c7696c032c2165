import { strFromU8, unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import { bundleOf } from './bundle-run.ts'

async function* pieces(...texts: string[]) {
  yield* texts
}

async function bytesOf(zip: AsyncGenerator<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of zip) parts.push(part)
  return new Uint8Array(Buffer.concat(parts))
}

const AT = new Date('2026-02-18T12:00:00Z')

test('a bundle holds its files under their names, those that came in pieces and empty ones too', async () => {
  const long = Array.from({ length: 5000 }, (_, at) => `{"seq":${at},"text":"ünïcode ✋ ${at}"}\n`)
  const zip = await bytesOf(
    bundleOf(
      [
        { name: 'events.ndjson', content: pieces(...long) },
        { name: 'run.json', content: '{}\n' },
        { name: 'changes.patch', content: '' },
      ],
      AT,
    ),
  )
  const files = Object.entries(unzipSync(zip)).map(([name, content]) => [name, strFromU8(content)])
  expect(files).toEqual([
    ['events.ndjson', long.join('')],
    ['run.json', '{}\n'],
    ['changes.patch', ''],
  ])
  expect(zip.length).toBeLessThan(long.join('').length / 3)
})

test('the same run gives the same bytes, and a source that breaks off breaks the bundle', async () => {
  const once = () => bytesOf(bundleOf([{ name: 'a', content: 'text' }], AT))
  expect(await once()).toEqual(await once())
  async function* broken() {
    yield 'begun'
    throw new Error('the server went away')
  }
  await expect(bytesOf(bundleOf([{ name: 'a', content: broken() }], AT))).rejects.toThrow('went away')
})

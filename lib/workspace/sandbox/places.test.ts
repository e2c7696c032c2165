import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contains } from './bwrap-args.ts'
import { findMacPlaces } from './mac-places.ts'
import { findPlaces } from './places.ts'

let home: string

beforeAll(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'retrai-home-')))
  await mkdir(join(home, 'jdk/bin'), { recursive: true })
})
afterAll(() => rm(home, { recursive: true, force: true }))

/** By another name a home would be a place in it. */
test.each(['', '/', '//', '/.', '/jdk/..', '/jdk/bin/../../'])(
  'a home is no toolchain, however a variable writes it: home%s',
  async end => {
    const env = {
      HOME: home,
      JAVA_HOME: `${home}${end}`,
      PATH: `${home}${end}:/usr/bin`,
      GOPATH: `/usr:${home}${end}`,
    }
    for (const find of [findPlaces, findMacPlaces]) {
      const { readOnly } = await find({ env, home, extra: [], owner: null })
      expect(readOnly.filter(place => contains(place.replace(/\/+$/, ''), home))).toEqual([])
      expect(readOnly.filter(place => /\/\.|\/$/.test(place.slice(home.length)))).toEqual([])
    }
  },
)

test('what lies in it is one, by its plain name', async () => {
  const env = { HOME: home, JAVA_HOME: `${home}/./jdk/` }
  const { readOnly } = await findPlaces({ env, home, extra: [], owner: null })
  expect(readOnly).toContain(join(home, 'jdk'))
})

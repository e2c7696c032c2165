import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { tempFolder } from '#lib/testing/temp-folder'
import { createAcceptedConfigs } from './accepted-configs.ts'

const one = { path: '/a/.retrai.yml', sha256: 'a'.repeat(64) }

it('what was accepted is accepted after a restart, at that place and with that content alone', async () => {
  const folder = tempFolder('data')
  await createAcceptedConfigs(folder).accept(one, 'cli')
  const later = createAcceptedConfigs(folder)
  expect(await later.isAccepted(one)).toBe(true)
  expect(await later.isAccepted({ ...one, sha256: 'b'.repeat(64) })).toBe(false)
  expect(await later.isAccepted({ ...one, path: '/b/.retrai.yml' })).toBe(false)
})

it('many at once are all kept, each once', async () => {
  const folder = tempFolder('data')
  const accepted = createAcceptedConfigs(folder)
  const all = Array.from({ length: 20 }, (_, i) => ({ path: `/${i}/.retrai.yml`, sha256: 'c'.repeat(64) }))
  await Promise.all([...all, ...all].map(config => accepted.accept(config, 'api')))
  expect((await Promise.all(all.map(accepted.isAccepted))).every(Boolean)).toBe(true)
  expect(JSON.parse(readFileSync(path.join(folder, 'accepted-configs.json'), 'utf8')).accepted).toHaveLength(
    20,
  )
})

it('a file that is damaged accepts nothing', async () => {
  const folder = tempFolder('data')
  writeFileSync(path.join(folder, 'accepted-configs.json'), '{"accepted": [{"path": "/a/.retrai.yml"}]}')
  expect(await createAcceptedConfigs(folder).isAccepted(one)).toBe(false)
})

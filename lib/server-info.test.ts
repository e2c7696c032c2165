import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { ServerInfo } from '#lib/contract/server'
import { tempFolder } from '#lib/testing/temp-folder'
import { createServerInfo, type ServerInfoParts } from './server-info.ts'

type Result = Awaited<ReturnType<ServerInfoParts['spawner']['run']>>

const TOKEN = 'a-token-that-nobody-may-see'

async function infoWith(git: { exitCode: number; text: string }) {
  const dataDir = tempFolder()
  writeFileSync(path.join(dataDir, 'retrai.db'), 'x'.repeat(1234))
  return createServerInfo({
    version: '1.2.3',
    config: {
      token: TOKEN,
      dataDir,
      dataDirNote: null,
      defaultCwd: '/srv/shop',
      allowedRoots: ['/srv'],
      maxParallel: 4,
      maxQueued: 100,
    },
    spawner: {
      // Of a result, the page reads these two.
      run: async () =>
        ({ exitCode: git.exitCode, out: { head: Buffer.from(git.text) } }) as unknown as Result,
    },
    sandbox: { mode: 'off', detail: 'not sandboxed', isRequired: false },
    queue: () => ({ active: 3, waiting: 1 }),
    readiness: async () => ({ ready: true, version: '1.2.3', checks: [] }),
    connections: () => ({ sockets: 5, streams: 2 }),
    spend: () => ({ usd: 4.12, since: '2027-01-15T00:00:00Z', unpriced_calls: 1 }),
    address: () => 'http://127.0.0.1:8000',
  })()
}

test('it says what the server is, in the words of the contract, and that there is a token, never which', async () => {
  const info = await infoWith({ exitCode: 0, text: 'git version 2.45.1\n' })
  expect(ServerInfo.parse(info)).toEqual(info)
  expect(info).toMatchObject({
    needs_token: true,
    git: '2.45.1',
    database_bytes: 1234,
    running: 3,
    sockets: 5,
    event_streams: 2,
    spent_today_usd: 4.12,
    unpriced_calls_today: 1,
    queued: 1,
  })
  expect(JSON.stringify(info)).not.toContain(TOKEN)
  expect(info.disk_free_bytes).toBeGreaterThan(0)
})

test('what is not there is not known, and nothing fails', async () => {
  const info = await infoWith({ exitCode: 127, text: '' })
  expect(info).toMatchObject({ git: null, wal_bytes: null })
})

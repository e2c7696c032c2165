// What a person meets who starts the server on a data directory that is in use, damaged, newer, or on a full disk.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeProject, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { startRefused, startServer } from '#lib/testing/server'
import { canMount, smallDisk } from '#lib/testing/small-disk'
import { tempFolder } from '#lib/testing/temp-folder'
import { MIGRATIONS, openTempStore } from '#lib/testing/temp-store'
import { checkFile } from './check-file.ts'
import { connect } from './libsql.ts'
import { namesOfMigrations } from './migrate.ts'

/** Started, and ended with the test. */
async function start(dataDir: string) {
  const server = await startServer({ dataDir })
  onTestFinished(() => server.close())
  return server
}
const refused = async (dataDir: string) => startRefused({ RETRAI_DATA_DIR: dataDir })
const sentenceOf = (stderr: string) => stderr.split('\n').filter(line => line.startsWith('retrai: '))

describe('a start', () => {
  it('is refused with exit code 1 and one sentence that names the server in place', async () => {
    const first = await start(tempFolder('data'))
    const { code, stderr } = await refused(first.dataDir)
    expect(code).toBe(1)
    expect(sentenceOf(stderr)).toHaveLength(1)
    expect(stderr).toContain(
      `another retrai serve uses this data directory: ${first.url} (process ${first.pid}, since `,
    )
    expect(stderr).not.toMatch(/^\s+at /m)
    expect((await fetch(`${first.url}/healthz`)).status).toBe(200)
  })

  it('says when the last server did not stop in order, and only then', async () => {
    const said = /the last server on this data directory did not stop in order/
    const first = await start(tempFolder('data'))
    expect(first.stderr()).not.toMatch(said)
    expect((await first.stop()).code).toBe(0)
    const second = await first.restart()
    onTestFinished(() => second.close())
    expect(second.stderr()).not.toMatch(said)
    await second.kill9()
    const third = await second.restart()
    onTestFinished(() => third.close())
    expect(third.stderr()).toMatch(said)
  })

  it('on a damaged or newer database is refused with exit code 1, and the file stays', async () => {
    const damaged = tempFolder('data')
    const file = path.join(damaged, 'retrai.db')
    writeFileSync(file, 'not a database, but somebody may know what it is '.repeat(50))
    const before = readFileSync(file)
    const first = await refused(damaged)
    expect(first.code).toBe(1)
    expect(sentenceOf(first.stderr)[0]).toContain('is damaged (file is not a database). Nothing was changed.')
    expect(readFileSync(file).equals(before)).toBe(true)

    const store = await openTempStore()
    await store.close()
    const connection = connect(store.file, 0)
    connection.exec(
      "INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name) VALUES ('x', 'y', 1, '29990101000000_future')",
    )
    connection.close()
    const newer = readFileSync(store.file)
    const second = await refused(path.dirname(store.file))
    expect(second.code).toBe(1)
    expect(sentenceOf(second.stderr)[0]).toContain('was written by a newer version (29990101000000_future)')
    expect(readFileSync(store.file).equals(newer)).toBe(true)
  })
})

describe.runIf(canMount())('a disk of 16 MiB that is full', () => {
  it('takes no run in, answers 507, reads on, survives kill -9 and a start, and takes runs again with room', async () => {
    const small = smallDisk()
    const project = await makeProject({ ...SHELL_PROJECT, 'app.txt': 'works\n' })
    onTestFinished(() => project.remove())
    const server = await start(small.folder)
    const startRun = (url: string) =>
      fetch(`${url}/api/runs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...SHELL_GOAL, cwd: project.path }),
      })
    small.fill()
    const answer = await startRun(server.url)
    expect(answer.status).toBe(507)
    expect(await answer.json()).toMatchObject({ code: 'disk_full' })
    expect(await (await fetch(`${server.url}/api/runs`)).json()).toEqual([])
    await server.kill9()

    const again = await server.restart()
    onTestFinished(() => again.close())
    small.fill()
    expect((await startRun(again.url)).status).toBe(507)
    expect((await fetch(`${again.url}/api/runs`)).status).toBe(200)
    small.makeRoom()
    expect((await startRun(again.url)).status).toBe(201)
    expect((await again.stop()).code).toBe(0)
    await checkFile(path.join(small.folder, 'retrai.db'), namesOfMigrations(MIGRATIONS))
  })
})

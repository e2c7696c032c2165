import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Backup } from '#lib/contract/backup'
import { runCli } from '#lib/testing/cli'
import { repairShell, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { startServer } from '#lib/testing/server'
import { openStage, type Stage } from '#lib/testing/stage'
import { tempFolder } from '#lib/testing/temp-folder'
import { openTempStore } from '#lib/testing/temp-store'

let stage: Stage
let runId: string
beforeAll(async () => {
  stage = await openStage()
  const cwd = await stage.project(SHELL_PROJECT, repairShell)
  const run = await stage.client.finish({ ...SHELL_GOAL, cwd })
  runId = run.run_id
})
afterAll(() => stage?.close())

const backup = (args: string[], env: Record<string, string | undefined> = {}) =>
  runCli(['backup', ...args], { env })
const atStage = () => ({ RETRAI_SERVER: stage.server.url })

it('of a running server is a database that opens, and a server works with it', async () => {
  const dataDir = tempFolder('restored')
  const file = path.join(dataDir, 'retrai.db')
  const { code, stdout, stderr } = await backup([file], atStage())
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${file}\n` })
  expect(stderr).toMatch(/^1 runs, \d+ events, [\d.]+ MiB in /)
  const restored = await startServer({ dataDir })
  try {
    const answer = await fetch(`${restored.url}/api/runs/${runId}`)
    expect(await answer.json()).toMatchObject({ run_id: runId, status: 'achieved' })
  } finally {
    await restored.close()
  }
})

it('answers with JSON, and refuses a file that is there unless it is told to replace it', async () => {
  const file = path.join(tempFolder('backup'), 'runs.db')
  const made = Backup.parse(JSON.parse((await backup([file, '--json'], atStage())).stdout))
  expect(made).toMatchObject({ file, runs: 1 })
  const refused = await backup([file], atStage())
  expect(refused).toMatchObject({ code: 2, stdout: '' })
  expect(refused.stderr).toContain('is there already')
  expect((await backup([file, '--force'], atStage())).code).toBe(0)
})

it('without a server reads the data directory, starts nothing, and is refused while a server has it', async () => {
  const server = await startServer()
  const file = path.join(tempFolder('backup'), 'runs.db')
  const env = { RETRAI_DATA_DIR: server.dataDir }
  try {
    const held = await backup([file, '--data-dir', server.dataDir])
    expect(held).toMatchObject({ code: 1, stdout: '' })
    expect(held.stderr).toContain(`another retrai serve uses this data directory: ${server.url}`)
    await server.stop()
    const ended = readFileSync(path.join(server.dataDir, 'server.json'), 'utf8')
    const { code, stdout } = await backup([file, '--json', '--data-dir', server.dataDir], env)
    expect({ code, backup: JSON.parse(stdout) }).toMatchObject({ code: 0, backup: { file, runs: 0 } })
    expect(await (await openTempStore(file)).getRun(randomUUID())).toBeNull()
    expect(JSON.parse(ended).stopped).not.toBeNull()
    expect(JSON.parse(readFileSync(path.join(server.dataDir, 'server.json'), 'utf8')).stopped).not.toBeNull()
    expect((await backup([file, '--data-dir', server.dataDir])).code).toBe(2)
  } finally {
    await server.close()
  }
})

it('of a directory without a database, or with a damaged one, says so and writes nothing', async () => {
  const dataDir = tempFolder('data')
  const file = path.join(tempFolder('backup'), 'runs.db')
  const none = await backup([file, '--data-dir', dataDir])
  expect(none).toMatchObject({ code: 1, stdout: '' })
  expect(none.stderr).toContain(`there is no database in ${dataDir}`)
  writeFileSync(path.join(dataDir, 'retrai.db'), 'nothing of use '.repeat(100))
  const damaged = await backup([file, '--data-dir', dataDir])
  expect(damaged).toMatchObject({ code: 1, stdout: '' })
  expect(damaged.stderr).toContain('is damaged (file is not a database)')
  expect(existsSync(file)).toBe(false)
  expect(existsSync(`${file}.partial`)).toBe(false)
})

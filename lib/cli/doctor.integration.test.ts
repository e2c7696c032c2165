import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { runCli } from '#lib/testing/cli'
import { tempFolder } from '#lib/testing/temp-folder'

const doctor = (args: string[], env: Record<string, string | undefined> = {}) =>
  runCli(['doctor', '--data-dir', tempFolder('data'), ...args], { env })

it('says what there is, with every assertion of the sandbox, and never a key', async () => {
  const { code, stdout } = await doctor([], { ANTHROPIC_API_KEY: 'sk-canary-of-no-one' })
  expect(code).toBe(0)
  expect(stdout).toContain(`✓ node: ${process.version}`)
  expect(stdout).toContain('✓ git: git version')
  expect(stdout).toMatch(/✓ sandbox: bubblewrap [\d.]+, 13 of 13 assertions hold/)
  expect(stdout).toContain('✓ sandbox: the network is off\n')
  expect(stdout).toContain('✓ keys: of Anthropic')
  expect(stdout).not.toContain('canary')
})

it('is content with a sandbox that was switched off, but says so', async () => {
  const { code, stdout } = await doctor([], { RETRAI_SANDBOX: 'off' })
  expect(code).toBe(0)
  expect(stdout).toContain('! sandbox: commands of runs are not sandboxed: it was switched off')
})

it('ends with 1 where a setting is wrong, and names it', async () => {
  const { code, stdout } = await doctor(['--json'], { PORT: 'many' })
  expect(code).toBe(1)
  expect(JSON.parse(stdout).findings).toContainEqual(
    expect.objectContaining({ name: 'settings', status: 'failed', detail: expect.stringContaining('PORT') }),
  )
})

it('leaves nothing in the data directory of a person who only looks', async () => {
  const dataDir = tempFolder('data')
  await runCli(['doctor', '--data-dir', dataDir])
  expect(existsSync(`${dataDir}/retrai.db`)).toBe(false)
})

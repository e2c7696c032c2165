import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { filePatch } from './file-patch.ts'
import { fileRead } from './file-read.ts'
import { fileWrite } from './file-write.ts'
import { grepSearch } from './grep-search.ts'
import { withPrivateFiles } from './private-files.ts'
import { type TestTools, testTools } from './test-tools.ts'
import type { Tool } from './tool.ts'

const MARK = '[redacted:1a2b3c4d]'
const UNKNOWN = '[redacted:ffffffff]'
const restore = (text: string) => text.replaceAll(MARK, 'the-real-value')

let tools: TestTools
beforeAll(async () => {
  tools = await testTools()
  await tools.write('.env', 'TOKEN=value-of-token\n')
  await tools.write('.env.example', 'TOKEN=\n')
  await tools.write('config.py', 'key = "the-real-value"\nother = 1\n')
  symlinkSync('.env', join(tools.workspace.root, 'innocent.txt'))
})
afterAll(() => tools.close())

function call(tool: Tool, input: unknown, allowEnvFiles = false) {
  const [wrapped] = withPrivateFiles([tool], { allowEnvFiles, restore })
  return tools.call(wrapped!, input)
}

test.each(['.env', './.env', 'innocent.txt'])('%s is not read, unless a person allowed it', async path => {
  await expect(call(fileRead, { path })).rejects.toThrow('RETRAI_ALLOW_ENV_FILES=1')
  expect((await call(fileRead, { path }, true)).output).toContain('TOKEN=')
})

test('an example is read', async () => {
  expect((await call(fileRead, { path: '.env.example' })).output).toContain('TOKEN=')
})

test('a .env file is neither patched nor replaced, but may be created', async () => {
  const patch = { path: '.env', old_text: 'TOKEN', new_text: 'NAME' }
  await expect(call(filePatch, patch)).rejects.toThrow('neither shown nor changed')
  await expect(call(fileWrite, { path: '.env', content: 'A=1' })).rejects.toThrow('neither shown nor changed')
  expect((await call(fileWrite, { path: '.env.test', content: 'A=1' })).output).toContain('Created')
})

test('a search says that it does not show lines of .env files', async () => {
  const { output } = await tools.call(grepSearch, { pattern: 'TOKEN' })
  expect(output).toContain('.env.example:1:TOKEN=')
  expect(output).toContain('[lines of .env are not shown]')
  expect(output).not.toContain('value-of-token')
})

test('a mark of the project is put back into its files, any other is not written', async () => {
  const patch = { path: 'config.py', old_text: `key = "${MARK}"`, new_text: `secret = "${MARK}"` }
  await call(filePatch, patch)
  expect(await tools.read('config.py')).toBe('secret = "the-real-value"\nother = 1\n')
  await expect(call(fileWrite, { path: 'new.py', content: `key = "${UNKNOWN}"` })).rejects.toThrow(
    'Nothing was written',
  )
})

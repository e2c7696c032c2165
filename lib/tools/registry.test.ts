import { describe, expect, test } from 'vitest'
import { tools } from './registry.ts'
import { toolSpec } from './tool-spec.ts'

type Schema = { properties?: Record<string, { description?: string }>; required?: string[] }

describe('the tools', () => {
  test('are these, and those that only look are marked so', () => {
    expect(tools.map(tool => [tool.name, tool.readOnly])).toEqual([
      ['bash_exec', false],
      ['file_read', true],
      ['file_write', false],
      ['file_patch', false],
      ['file_list', true],
      ['find_files', true],
      ['grep_search', true],
      ['git_diff', true],
      ['run_check', false],
    ])
  })

  test('explain each of their fields to the model', () => {
    for (const tool of tools) {
      const { properties = {} } = toolSpec(tool).input_schema as Schema // JSON schema, as zod made it
      for (const [name, field] of Object.entries(properties)) {
        expect(field.description, `${tool.name}.${name}`).toBeTruthy()
      }
    }
  })

  test('drop fields they do not know, and take numbers written as text', () => {
    const read = tools.find(tool => tool.name === 'file_read')!
    expect(read.input.parse({ path: 'a', offset: '20', why: 'because' })).toEqual({
      path: 'a',
      offset: 20,
      limit: 2000,
    })
    expect(read.input.safeParse({ path: 'a', offset: 'twenty' }).success).toBe(false)
    expect(read.input.safeParse({ path: 'a', offset: 0 }).success).toBe(false)
    expect(read.input.safeParse({}).success).toBe(false)
  })

  test('include run_check, which only the loop can carry out', async () => {
    const check = tools.find(tool => tool.name === 'run_check')!
    expect(check.input.parse({ anything: 1 })).toEqual({})
    // It must not need anything of the context.
    await expect(check.run({} as Parameters<typeof check.run>[0])).rejects.toThrow('carried out by the loop')
  })
})

import { expect, it } from 'vitest'
import { PYTEST_TOOL, VITEST_TOOL } from '../goals/tool-identities.ts'
import type { Finding } from './fingerprint.ts'
import { toolFlags } from './tool-flags.ts'

function flags(finding: Finding, changedPaths: string[] = [], tool = VITEST_TOOL) {
  const differences = { findings: [finding], problem: null, isLost: false }
  return toolFlags({ differences, tool, named: ['vitest'], changedPaths })
}
const of = (kind: Finding['kind'], name: string): Finding => ({ kind, name, path: `node_modules/${name}` })

it('a package that changed and kept its version blocks, of the tool as of any', () => {
  expect(flags(of('changed', 'left-pad'))).toMatchObject([{ code: 'dependency_changed', blocks: true }])
  expect(flags(of('gone', '@vitest/expect'))).toMatchObject([{ code: 'tool_changed', blocks: true }])
})

it('an upgrade is fine with its manifest, except of the tool', () => {
  expect(flags(of('upgrade', 'left-pad'), ['package.json'])[0]).not.toHaveProperty('blocks')
  expect(flags(of('upgrade', 'left-pad'))).toMatchObject([{ blocks: true }])
  expect(flags(of('upgrade', 'vitest'), ['package.json'])).toMatchObject([
    { code: 'tool_changed', blocks: true },
  ])
})

it('new packages are no matter; one before another of its name, and programs of the check, are', () => {
  expect(flags(of('new', 'left-pad'))).toEqual([])
  expect(flags({ ...of('nested', 'vitest'), before: 'node_modules/vitest' })).toMatchObject([
    { code: 'tool_shadowed', blocks: true },
  ])
  expect(flags(of('program_added', 'left-pad'))).toEqual([])
  for (const name of ['vitest', 'node', 'sh'])
    expect(flags(of('program_added', name))).toMatchObject([{ code: 'tool_shadowed', blocks: true }])
})

it('what Python runs at its start, and what pytest loads by itself, blocks', () => {
  for (const kind of ['startup', 'plugin', 'shadow'] as const)
    expect(flags({ kind, path: 'x' }, ['requirements.txt'], PYTEST_TOOL)).toMatchObject([
      { code: 'tool_shadowed', blocks: true },
    ])
})

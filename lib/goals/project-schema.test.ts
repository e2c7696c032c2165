import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { settingsText } from '#lib/cli/commands/init'
import { ProjectConfig } from './project-config.ts'
import { projectSchema } from './project-schema.ts'

test('the published schema is the one that validates (npx tsx scripts/project-schema.ts)', () => {
  expect(JSON.parse(readFileSync('public/retrai.schema.json', 'utf8'))).toEqual(projectSchema())
})

test('the schema and the server agree on what is right and what is wrong', () => {
  const isValid = new Ajv2020({ strict: false }).compile(projectSchema() as object)
  for (const settings of [
    {},
    { goal: 'pytest', protect: 'report', max_iterations: 5 },
    { goals: ['pytest', { goal: 'quick', check_command: 'sh t.sh' }], confirm: 2 },
    { goal: 'perf-check', goal_options: { runs: 3 } },
    { gaol: 'pytest' },
    { max_iterations: 0 },
    { goals: [] },
    { confirm: 'often' },
  ])
    expect([settings, isValid(settings)]).toEqual([settings, ProjectConfig.safeParse(settings).success])
})

test('what init writes is valid, with and without a command', () => {
  const others = [{ goal: 'ruff', why: 'ruff.toml' }]
  for (const text of [
    settingsText({ goal: 'pytest', check_command: null, others }),
    settingsText({ goal: 'Keep: it "odd" #1', check_command: 'sh check.sh # yes', others: [] }),
  ])
    expect(ProjectConfig.safeParse(parse(text))).toMatchObject({ success: true })
})

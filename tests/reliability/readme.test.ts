// The README's table promises what the scenarios prove, all of it and nothing else.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { scenarios } from './registry.ts'

/** Rules of the house that the scenario `mutants` needs; what they protect is promised elsewhere. */
const PROBES = ['guard', 'environment', 'git-folder']

it('names each scenario as the proof of something, and no other', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const table = readme.slice(readme.indexOf('## What it survives'), readme.indexOf('## Safety'))
  const proofs = table
    .split('\n')
    .filter(line => line.startsWith('| '))
    .flatMap(line =>
      [...(line.split('|').at(-2) ?? '').matchAll(/`([a-z-]+)[^`]*`/g)].map(([, name]) => name),
    )
    .filter(name => name !== 'npm')
  expect(proofs.toSorted()).toEqual(
    scenarios
      .map(({ name }) => name)
      .filter(name => !PROBES.includes(name))
      .toSorted(),
  )
})

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

it.each(['server', 'cli'])('the built %s has no crash points', name => {
  const built = readFileSync(new URL(`../../dist/${name}.mjs`, import.meta.url), 'utf8')
  expect(built).not.toMatch(/crashPoint|CRASH_AT|before-broadcast/)
})

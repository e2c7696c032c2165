// The quick set: every scenario, small, in each run of all tests. The full figures come from `npm run test:chaos`.
import { expect, it } from 'vitest'
import { scenarios } from './registry.ts'

/** Always the same, so that what fails here can be repeated: npm run test:chaos -- --scale quick --seed 20261124 */
const SEED = 20_261_124
const KILLS = 25

it.each(scenarios)('$name: $promise', async scenario => {
  const log = (line: string) => console.log(`${scenario.name}: ${line}`)
  const { figures, broken } = await scenario.run({ seed: SEED, scale: 'quick', kills: KILLS, log })
  expect(broken, JSON.stringify(figures, null, 2)).toEqual([])
})

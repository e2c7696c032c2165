// The quick set: every scenario, small, in each run of all tests. The full figures come from `npm run test:chaos`.
import { expect, it } from 'vitest'
import type { Scenario } from './scenario.ts'

/** Always the same, so that what fails here can be repeated: npm run test:chaos -- --scale quick --kills 12 --seed 20261124 */
const SEED = 20_261_124
const KILLS = 12

export function testQuickly(scenarios: Scenario[]): void {
  it.each(scenarios)('$name: $promise', async scenario => {
    const began = performance.now()
    const log = (line: string) =>
      console.log(`${scenario.name} ${Math.round((performance.now() - began) / 1000)} s: ${line}`)
    log(`seed ${SEED}`)
    const { figures, broken } = await scenario.run({ seed: SEED, scale: 'quick', kills: KILLS, log })
    log(broken.length === 0 ? 'held' : 'BROKEN')
    expect(broken, JSON.stringify(figures, null, 2)).toEqual([])
  })
}

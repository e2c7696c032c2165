// The attacks, small, in each run of all tests. The full figures come from `npm run test:security`.
import { testQuickly } from '../reliability/quick.ts'
import { attacks } from './registry.ts'

// What the registry knows changes without us.
testQuickly(attacks.filter(({ name }) => name !== 'audit'))

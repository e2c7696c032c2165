// The attacks, small, in each run of all tests. The full figures come from `npm run test:security`.
import { testQuickly } from '../reliability/quick.ts'
import { attacks, inBrowser } from './registry.ts'

// What the registry knows changes without us.
testQuickly(attacks.filter(one => one.name !== 'audit' && !inBrowser.includes(one)))

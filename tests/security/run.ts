// `npm run test:security`: attacks the built server and says which promises held.
//
//   npm run test:security -- --seed 7 [--only secrets,rest-fuzz] [--scale quick] [--json FILE]
//   npm run test:security -- --list
import { runScenarios } from '../reliability/command.ts'
import { attacks } from './registry.ts'

await runScenarios(attacks, 'test:security')

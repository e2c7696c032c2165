// `npm run test:chaos`: runs the scenarios against the built server and says which promises held.
//
//   npm run test:chaos -- --kills 200 --seed 7 [--only kills,mutants] [--scale quick] [--json FILE]
//   npm run test:chaos -- --list
import { runScenarios } from './command.ts'
import { scenarios } from './registry.ts'

await runScenarios(scenarios, 'test:chaos')

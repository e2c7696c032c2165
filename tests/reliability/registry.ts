// Every scenario, in the order in which they run.
import { clock } from './clock.ts'
import { environment, gitFolder } from './command-probes.ts'
import { corrupt } from './corrupt.ts'
import { crashPoints } from './crash-points.ts'
import { creates } from './creates.ts'
import { diskFull } from './disk-full.ts'
import { freeze } from './freeze.ts'
import { fsyncOrder } from './fsync-order.ts'
import { gates } from './gates.ts'
import { guard } from './guard-probe.ts'
import { kills } from './kills.ts'
import { lock } from './lock.ts'
import { modelFaults } from './model-faults.ts'
import { mutants } from './mutants.ts'
import { orphans } from './orphans.ts'
import { poison } from './poison.ts'
import { reconnects } from './reconnects.ts'
import { restart } from './restart.ts'
import type { Scenario } from './scenario.ts'
import { sigterm } from './sigterm.ts'
import { stalled } from './stalled.ts'

export const scenarios: Scenario[] = [
  kills,
  crashPoints,
  mutants,
  gates,
  creates,
  orphans,
  modelFaults,
  reconnects,
  stalled,
  sigterm,
  freeze,
  clock,
  poison,
  restart,
  diskFull,
  lock,
  corrupt,
  fsyncOrder,
  guard,
  environment,
  gitFolder,
]

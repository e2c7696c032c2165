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
import { throws } from './throws.ts'

/** In parts of about the same length, which the quick set runs beside each other. */
export const PARTS = {
  crashes: [crashPoints],
  kills: [kills, mutants],
  requests: [gates, creates, orphans, modelFaults, reconnects, stalled, sigterm],
  faults: [
    ...[freeze, clock, poison, throws, diskFull, lock, corrupt, restart, fsyncOrder, guard],
    ...[environment, gitFolder],
  ],
} satisfies Record<string, Scenario[]>

export const scenarios: Scenario[] = Object.values(PARTS).flat()

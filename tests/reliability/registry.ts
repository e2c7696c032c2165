// Every scenario, in the order in which they run.
import { environment, gitFolder } from './command-probes.ts'
import { crashPoints } from './crash-points.ts'
import { fsyncOrder } from './fsync-order.ts'
import { guard } from './guard-probe.ts'
import { kills } from './kills.ts'
import { mutants } from './mutants.ts'
import type { Scenario } from './scenario.ts'

export const scenarios: Scenario[] = [kills, crashPoints, mutants, fsyncOrder, guard, environment, gitFolder]

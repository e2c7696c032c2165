// Every scenario, in the order in which they run.
import { kills } from './kills.ts'
import type { Scenario } from './scenario.ts'

export const scenarios: Scenario[] = [kills]

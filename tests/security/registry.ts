// Every attack, in the order in which they run.
import type { Scenario } from '../reliability/scenario.ts'
import { secrets } from './secrets.ts'

export const attacks: Scenario[] = [secrets]

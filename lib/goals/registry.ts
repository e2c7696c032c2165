import type { Goal } from './goal.ts'
import { makeTest } from './make-test.ts'
import { npmTest } from './npm-test.ts'
import { pytest } from './pytest.ts'
import { shellGoal } from './shell-goal.ts'

/** Every registered goal. To add one: its file here beside, and its name in this list. */
export const goals: readonly Goal[] = [pytest, npmTest, makeTest, shellGoal]

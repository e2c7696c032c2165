import { bunTest } from './bun-test.ts'
import { denoTest } from './deno-test.ts'
import type { Goal } from './goal.ts'
import { jest } from './jest.ts'
import { makeTest } from './make-test.ts'
import { nodeTest } from './node-test.ts'
import { npmTest } from './npm-test.ts'
import { pytest } from './pytest.ts'
import { shellGoal } from './shell-goal.ts'
import { vitest } from './vitest.ts'

/** Every registered goal; where several fit a project, the first is proposed. To add one: its file here beside, and its name in this list. */
export const goals: readonly Goal[] = [
  pytest,
  bunTest,
  npmTest,
  vitest,
  jest,
  nodeTest,
  denoTest,
  makeTest,
  shellGoal,
]

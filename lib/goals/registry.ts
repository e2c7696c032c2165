import { aiEval } from './ai-eval.ts'
import { apiTest } from './api-test.ts'
import { creative } from './creative.ts'
import { dockerBuild } from './docker-build.ts'
import type { Goal } from './goal.ts'
import { makeTest } from './make-test.ts'
import { npmTest } from './npm-test.ts'
import { perfCheck } from './perf-check.ts'
import { pytest } from './pytest.ts'
import { score } from './score.ts'
import { shellGoal } from './shell-goal.ts'
import { sqlBenchmark } from './sql-benchmark.ts'
import { textImprove } from './text-improve.ts'

/** Every registered goal. To add one: its file here beside, and its name in this list. */
export const goals: readonly Goal[] = [
  pytest,
  npmTest,
  makeTest,
  shellGoal,
  perfCheck,
  sqlBenchmark,
  apiTest,
  dockerBuild,
  aiEval,
  score,
  textImprove,
  creative,
]

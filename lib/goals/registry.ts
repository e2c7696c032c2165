import { aiEval } from './ai-eval.ts'
import { apiTest } from './api-test.ts'
import { bunTest } from './bun-test.ts'
import { cargoTest } from './cargo-test.ts'
import { creative } from './creative.ts'
import { denoTest } from './deno-test.ts'
import { dockerBuild } from './docker-build.ts'
import { dotnetTest } from './dotnet-test.ts'
import { eslint } from './eslint.ts'
import { goTest } from './go-test.ts'
import type { Goal } from './goal.ts'
import { gradleTest } from './gradle-test.ts'
import { jest } from './jest.ts'
import { lint } from './lint.ts'
import { makeTest } from './make-test.ts'
import { mavenTest } from './maven-test.ts'
import { mypy } from './mypy.ts'
import { nodeTest } from './node-test.ts'
import { npmTest } from './npm-test.ts'
import { perfCheck } from './perf-check.ts'
import { phpunit } from './phpunit.ts'
import { pyright } from './pyright.ts'
import { pytest } from './pytest.ts'
import { rspec } from './rspec.ts'
import { ruff } from './ruff.ts'
import { score } from './score.ts'
import { shellGoal } from './shell-goal.ts'
import { sqlBenchmark } from './sql-benchmark.ts'
import { textImprove } from './text-improve.ts'
import { tsc } from './tsc.ts'
import { vitest } from './vitest.ts'

/** Every registered goal. To add one: its file here beside, its name in this list, and in RANK of detect-goals.ts where it is detected. */
export const goals: readonly Goal[] = [
  pytest,
  bunTest,
  npmTest,
  vitest,
  jest,
  nodeTest,
  denoTest,
  cargoTest,
  goTest,
  rspec,
  phpunit,
  mavenTest,
  gradleTest,
  dotnetTest,
  makeTest,
  shellGoal,
  // What a project is built to do goes before how it is written.
  pyright,
  mypy,
  tsc,
  eslint,
  ruff,
  lint,
  perfCheck,
  sqlBenchmark,
  apiTest,
  dockerBuild,
  // Without a command that could decide.
  aiEval,
  score,
  textImprove,
  creative,
]

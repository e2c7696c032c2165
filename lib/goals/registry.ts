import { aiEval } from './ai-eval.ts'
import { cargoTest } from './cargo-test.ts'
import { creative } from './creative.ts'
import { dotnetTest } from './dotnet-test.ts'
import { goTest } from './go-test.ts'
import type { Goal } from './goal.ts'
import { gradleTest } from './gradle-test.ts'
import { makeTest } from './make-test.ts'
import { mavenTest } from './maven-test.ts'
import { npmTest } from './npm-test.ts'
import { phpunit } from './phpunit.ts'
import { pytest } from './pytest.ts'
import { rspec } from './rspec.ts'
import { score } from './score.ts'
import { shellGoal } from './shell-goal.ts'
import { textImprove } from './text-improve.ts'

/** Every registered goal. To add one: its file here beside, and its name in this list. */
export const goals: readonly Goal[] = [
  pytest,
  npmTest,
  cargoTest,
  goTest,
  rspec,
  phpunit,
  mavenTest,
  gradleTest,
  dotnetTest,
  makeTest,
  shellGoal,
  aiEval,
  score,
  textImprove,
  creative,
]

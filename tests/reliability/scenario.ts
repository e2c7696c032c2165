// What a reliability scenario is: it drives the real server against faults, measures, and says which of its promises broke.
// The command line (run.ts) and the quick tests call the same scenarios, with other sizes.

export interface ScenarioOptions {
  /** Everything random follows from it, so that a run can be repeated. */
  seed: number
  /** `quick`: a few seconds, for every test run; `full`: the figures the README promises. */
  scale: 'quick' | 'full'
  /** How often the main scenario kills the server. */
  kills: number
  /** The server bundle to test instead of the built product; mutants and crash points need one of their own. */
  bundle?: string
  /** Progress, for people. */
  log(line: string): void
}

export interface ScenarioResult {
  /** What was measured, by name. */
  figures: Record<string, number | string>
  /** Each promise that did not hold, in a sentence; empty when all did. */
  broken: string[]
}

export interface Scenario {
  /** As in `--only <name>`. */
  name: string
  /** What is promised, in a sentence for the README. */
  promise: string
  run(options: ScenarioOptions): Promise<ScenarioResult>
}

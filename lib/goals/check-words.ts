// What the name of a file says about it: that it judges, that it is what results are compared with, or nothing.

/** `test`, `verify-cart.py`, `checkAll.js`: what is called so judges the work and is not the work. */
export const isNamedAsTest = (name: string): boolean => has(name, TEST)

/** `grade.py`, `smoke.sh`: clear as the name of a program that is run as the check. */
export const isNamedAsJudge = (name: string): boolean => has(name, TEST) || has(name, JUDGE)

/** `compare.js`, `bench.py`: judges where its exit code decides; where its output is looked at it may well be the work. */
export const mayBeJudge = (name: string): boolean => isNamedAsJudge(name) || has(name, PERHAPS)

/** `expected.txt`, `golden/`: what results are compared with. */
export const isNamedAsExpected = (path: string): boolean =>
  path.split('/').some(part => has(part, EXPECTED) || has(part, TEST))

const TEST = words('tests?', 'specs?', 'checks?', 'verify', 'validate')
const JUDGE = words(
  ...[
    'testing',
    'tester',
    'testsuite',
    'runtests?',
    'checker',
    'checking',
    'verifier',
    'verification',
    'validation',
  ],
  ...[
    'judge',
    'grade',
    'grader',
    'grading',
    'asserts?',
    'assertions?',
    'accept',
    'acceptance',
    'audit',
    'smoke',
  ],
  ...[
    'e2e',
    'golden',
    'goldens',
    'fixtures?',
    'harness',
    'conformance',
    'regression',
    'expected',
    'proof',
    'prove',
    'qa',
  ],
)
const PERHAPS = words(
  ...[
    'validator',
    'scores?',
    'scorer',
    'scoring',
    'eval',
    'evals',
    'evaluate',
    'evaluation',
    'evaluator',
    'expect',
    'integration',
  ],
  ...[
    'bench',
    'benchmarks?',
    'perf',
    'ci',
    'compare',
    'comparison',
    'diff',
    'match',
    'lint',
    'measure',
    'snapshots?',
    'reference',
    'baseline',
    'approved',
  ],
)
const EXPECTED = words(
  ...[
    'expect',
    'expected',
    'expectations?',
    'golden',
    'goldens',
    'fixtures?',
    'snapshots?',
    'references?',
    'approved',
    'baselines?',
  ],
  ...[
    'truth',
    'groundtruth',
    'oracle',
    'want',
    'wanted',
    'testdata',
    'criteria',
    'thresholds?',
    'assertions?',
    'testcases?',
    'cases',
  ],
)

function words(...list: string[]): RegExp {
  return new RegExp(`(?:^|[^a-z])(?:${list.join('|')})(?:[^a-z]|$)`, 'i')
}

/** `checkAll` has two words, `latest` one. */
function has(name: string, pattern: RegExp): boolean {
  return pattern.test(name.replace(/([a-z0-9])([A-Z])/g, '$1-$2'))
}

// Which files count as tests, by the conventions of their runners. Files that also hold other things (pyproject.toml,
// setup.cfg, package.json, vite.config.ts) are not among them: an honest change to them would be refused.

export const PYTHON_TESTS = [
  '**/test_*.py',
  '**/*_test.py',
  '**/conftest.py',
  // Whole folders: helpers, golden files and data decide what a test proves as much as its code does.
  '**/tests/**',
  '**/test/**',
  '**/pytest.ini',
  '**/.pytest.ini',
  '**/tox.ini',
]

export const JS_TESTS = [
  '**/*.{test,spec}.{js,jsx,ts,tsx,mjs,mjsx,cjs,cts,mts}',
  '**/*.{test,spec}-d.ts',
  '**/{test,tests,spec,__tests__,__snapshots__,__mocks__}/**',
  '**/{vitest,jest}.config.*',
  '**/{vitest,jest}.setup.*',
  '**/vitest.workspace.*',
  '**/.mocharc*',
]

export const GO_TESTS = ['**/*_test.go', '**/testdata/**']
export const CARGO_TESTS = ['**/tests/**']
export const JVM_TESTS = [
  '**/src/{test,testFixtures,integrationTest,functionalTest,androidTest,it}/**',
  // Not by name alone: SpeedTest.java in src/main may be what is to be repaired.
  '{test,tests}/**',
]

/** `test`, `verify-cart.py`, `check.sh`: what is called so judges the work and is not the work. */
export const isNamedAsTest = (name: string) =>
  /(^|[._-])(tests?|specs?|check|checks|verify|validate)([._-]|$)/i.test(name)

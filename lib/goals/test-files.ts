// Which files count as tests, by the conventions of their runners. Files that also hold other things (pyproject.toml,
// setup.cfg, package.json, vite.config.ts) are not among them: an honest change to them would be refused.

export const PYTHON_TESTS = [
  '**/test_*.py',
  '**/*_test.py',
  '**/conftest.py',
  // Whole folders: helpers, golden files and data decide what a test proves as much as its code does.
  '**/tests/**',
  '**/test/**',
  '**/{,.}pytest.{ini,toml}',
  '**/tox.ini',
]

/** Read by Python or pytest wherever they come from; those of test folders that set up a folder or the whole of pytest. */
export const PYTHON_GOVERNS = [
  '**/conftest.py',
  '**/{,.}pytest.{ini,toml}',
  '**/tox.ini',
  '**/{sitecustomize,usercustomize}.py',
  '**/{test,tests}/**/__init__.py',
  '**/{test,tests}/**/{pyproject.toml,setup.cfg}',
]

const CODE = '{js,jsx,ts,tsx,mjs,mjsx,cjs,cts,mts}'

export const JS_TESTS = [
  `**/*.{test,spec}.${CODE}`,
  '**/*.{test,spec}-d.ts',
  '**/{test,tests,spec,__tests__,__snapshots__,__mocks__,__fixtures__,e2e,cypress}/**',
  // What else node --test and deno test look for.
  `**/test.${CODE}`,
  `**/test-*.${CODE}`,
  `**/*[-_]test.${CODE}`,
  '**/*.e2e.{js,ts}',
  '**/*.{feature,snap}',
  '**/{vitest,jest,playwright,cypress,karma,ava,wdio}.config.*',
  '**/{vitest,jest}.setup.*',
  '**/{setupTests,setup-tests}.*',
  '**/jest-preset.*',
  '**/vitest.workspace.*',
  '**/.mocharc*',
  '**/.taprc',
  '**/{.nycrc,.c8rc}*',
  '**/.npmrc',
]

/** vite.config.* and the settings of babel are the application's as well, so changes to them count; one that appears does not. */
export const JS_GOVERNS = [
  '**/{vitest,vite,jest,playwright,ava}.config.*',
  '**/{vitest,jest}.setup.*',
  '**/jest-preset.*',
  '**/vitest.workspace.*',
  '**/.mocharc*',
  '**/.taprc',
  '**/__mocks__/**',
  '**/.npmrc',
  '**/.yarnrc*',
  '**/.pnpmfile.*',
  '**/{babel.config.*,.babelrc*,.swcrc}',
  '**/bunfig.toml',
]

export const GO_TESTS = ['**/*_test.go', '**/testdata/**']
export const GO_GOVERNS = ['**/go.work']

export const CARGO_TESTS = ['**/tests/**', '**/benches/**', '**/*.snap', '**/{,.}nextest.toml']
/** Settings of cargo name another test runner, linker or compiler; a build script can write anything. */
export const CARGO_GOVERNS = ['**/.cargo/config{,.toml}', '**/rust-toolchain{,.toml}']

export const RUBY_TESTS = ['**/{spec,test,features}/**', '**/*_{spec,test}.rb', '**/.rspec*']
export const PHP_TESTS = ['**/{tests,test}/**', '**/*Test.php', '**/phpunit.xml*', '**/phpunit.dist.xml']
export const JVM_TESTS = [
  '**/src/{test,testFixtures,integrationTest,functionalTest,androidTest,it}/**',
  // Not by name alone: SpeedTest.java in src/main may be what is to be repaired.
  '{test,tests}/**',
]
export const DOTNET_TESTS = ['**/*{.Tests,.Test,Tests,.Specs}/**', '**/*.runsettings', '**/xunit.runner.json']

/** GNU make reads the first of these that there is. */
export const MAKE_FILES = ['**/{GNUmakefile,makefile,Makefile}', '**/*.mk']

/** Keys of files that also hold other things. */
export const PYTHON_KEYS = [
  ...['pyproject.toml', '**/pyproject.toml'].map(file => ({ file, path: ['tool', 'pytest'] })),
  ...['setup.cfg', '**/setup.cfg'].map(file => ({ file, path: ['tool:pytest'] })),
]

export const JS_KEYS = ['test', 'pretest', 'posttest']
  .map(name => ['scripts', name])
  .concat(['jest', 'vitest', 'mocha', 'ava', 'c8', 'nyc', 'tap', 'babel'].map(name => [name]))
  .map(path => ({ file: 'package.json', path }))

export const CARGO_KEYS = [
  ['lib', 'test'],
  ['lib', 'harness'],
  ['lib', 'doctest'],
  ['test'],
  ['package', 'autotests'],
  ['profile', 'test'],
].map(path => ({ file: '**/Cargo.toml', path }))

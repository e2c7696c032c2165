import { parseCargo } from './cargo-output.ts'
import { testsFrom } from './check-tests.ts'
import { checkWithProgram } from './check-with-program.ts'
import { findTool } from './find-tool.ts'
import { defineGoal } from './goal.ts'
import { readText } from './project-files.ts'
import type { Probe } from './run-with-report.ts'
import { CARGO_TESTS } from './test-files.ts'

const DEFAULT = 'cargo test --no-fail-fast'
const NOT_INSTALLED =
  'cargo was not found on the server; install Rust there (https://rustup.rs, or apt install cargo)'
const NO_MANIFEST =
  'There is no Cargo.toml in the project’s folder; add one (cargo init), or give a check_command that goes to its folder'
const NO_TESTS = 'cargo found no tests: mark functions with #[test], in src/ or in files of tests/'

export const cargoTest = defineGoal({
  name: 'cargo-test',
  title: 'All cargo tests pass',
  description: 'Runs cargo test and reads the tests of each target, doc-tests too, from what it prints.',
  needsCommand: false,

  async protect() {
    return [...CARGO_TESTS, '**/*_test.rs', '**/src/**/{tests,test}.rs', '**/.config/nextest.toml']
  },
  protectKeys: [
    ['lib', 'test'],
    ['lib', 'harness'],
    ['lib', 'doctest'],
    ['test'],
    ['package', 'autotests'],
    ['profile', 'test'],
  ].map(path => ({ file: 'Cargo.toml', path })),
  governs: ['**/.cargo/config.toml', '**/.cargo/config', '**/rust-toolchain', '**/rust-toolchain.toml'],
  tool: {
    programs: ['cargo', 'rustc', 'rustdoc'],
    homeFiles: ['.cargo/config.toml', '.cargo/config', '.rustup/settings.toml'],
  },

  prompt: ({ checkCommand }) =>
    `The goal: all Rust tests of this project pass. It is judged by \`${checkCommand ?? DEFAULT}\`, which the server itself ` +
    'runs after each of your attempts. Fix the code, not the tests: changes to test files, to the test settings in Cargo.toml ' +
    'and to cargo’s configuration do not count, and ignored tests are not passed tests.',

  check: context =>
    checkWithProgram(context, {
      usual: DEFAULT,
      tool: { program: 'cargo' },
      async find({ workspace }) {
        if ((await readText(workspace, 'Cargo.toml')) === null) return { missing: NO_MANIFEST }
        const cargo = await findTool(context, { program: 'cargo', from: null })
        return cargo === null ? { missing: NOT_INSTALLED } : { command: DEFAULT.replace('cargo', cargo) }
      },
      probe: cargoProbe,
      env: { CARGO_TERM_COLOR: 'never', RUST_BACKTRACE: '0' },
      tests({ output }) {
        const cases = parseCargo(output)
        return cases && testsFrom(cases)
      },
      nothingToRun(output, exitCode) {
        if (/^error: could not find `Cargo\.toml`/m.test(output)) return NO_MANIFEST
        return exitCode === 0 && /^running 0 tests$/m.test(output) ? NO_TESTS : null
      },
    }),

  async detect(workspace) {
    const manifest = await readText(workspace, 'Cargo.toml')
    return manifest !== null && /^\s*\[(?:package|workspace)\b/m.test(manifest)
      ? { why: `Cargo.toml makes it a Rust ${/^\s*\[package\]/m.test(manifest) ? 'package' : 'workspace'}` }
      : null
  },
})

/**
 * Test programs of an earlier build are taken away, so that what runs is made of the files as they are now: cargo itself
 * goes by times alone, and would run whatever lies in their place. What they are linked with stays built.
 */
const cargoProbe = (command: string): Probe => ({
  command: () =>
    `find target/debug/deps -maxdepth 1 -type f -perm -u+x ! -name '*.so' -delete 2>/dev/null; ${command}`,
  // There is no report but the output, of which this keeps more.
  alwaysReports: /^(?:\S*\/)?cargo (?:test|t)\b/.test(command),
  parse: async () => null,
})

// Linters that have no goal of their own: the goal lint picks among them.
import { npmHint } from './install-hint.ts'
import { firstFile } from './js-project.ts'
import type { Linter } from './linter.ts'
import { pythonConfig } from './python-project.ts'

const NO_REPORT = /^(--help|-h|--version|-V|--watch|--$)/

const biome: Linter = {
  name: 'biome',
  tool: { program: 'biome', from: 'npm' },
  args: async () => 'lint',
  isCall: (program, args) =>
    program === 'biome' &&
    ['lint', 'check', 'ci'].includes(args[0] ?? '') &&
    !args.some(arg => NO_REPORT.test(arg) || /^--(reporter|max-diagnostics)/.test(arg)),
  options: () => '--reporter=json --max-diagnostics=none',
  report: 'stdout',
  format: 'biome',
  nothing: /No files were processed/,
  async configuredBy(workspace) {
    const file = await firstFile(workspace, ['biome.json', 'biome.jsonc', '.biome.json', '.biome.jsonc'])
    return file && `${file} configures biome`
  },
  missing: workspace => npmHint(workspace, '@biomejs/biome'),
  configs: ['**/biome.json', '**/biome.jsonc', '**/.biome.json', '**/.biome.jsonc'],
  identity: { programs: ['biome'], npmPackages: ['@biomejs/*'] },
  silences: /(?:\/\/|\/\*|<!--|#)\s*biome-ignore/,
}

const clippy: Linter = {
  name: 'clippy',
  tool: { program: 'cargo', from: null, version: 'clippy --version' },
  args: async () => 'clippy --all-targets -- -D warnings',
  isCall: (program, args) =>
    (program === 'cargo-clippy' || (program === 'cargo' && args[0] === 'clippy')) &&
    // What follows `--` is for clippy itself.
    !args
      .slice(0, args.includes('--') ? args.indexOf('--') : args.length)
      .some(arg => NO_REPORT.test(arg) || arg.startsWith('--message-format')),
  options: () => '--message-format=json',
  report: 'stdout',
  format: 'cargo',
  async configuredBy(workspace) {
    const file = await firstFile(workspace, ['clippy.toml', '.clippy.toml'])
    if (file) return `${file} configures clippy`
    return (await firstFile(workspace, ['Cargo.toml'])) && 'there is a Cargo.toml'
  },
  missing: async () => 'clippy is not installed on the server: rustup component add clippy',
  configs: ['**/clippy.toml', '**/.clippy.toml'],
  keys: [
    { file: 'Cargo.toml', path: ['lints'] },
    { file: 'Cargo.toml', path: ['workspace', 'lints'] },
  ],
  identity: { programs: ['cargo', 'cargo-clippy', 'clippy-driver', 'rustc'] },
  silences: /#!?\[\s*(?:allow|expect|cfg_attr\([^\]]*(?:allow|expect))\s*\(/,
}

const golangci: Linter = {
  name: 'golangci-lint',
  tool: { program: 'golangci-lint', from: null },
  args: async () => 'run',
  isCall: (program, args) =>
    program === 'golangci-lint' &&
    args[0] === 'run' &&
    !args.some(arg => NO_REPORT.test(arg) || /^--out/.test(arg)),
  options: () => '--max-issues-per-linter=0 --max-same-issues=0',
  report: 'shown',
  format: 'go',
  async configuredBy(workspace) {
    const file = await firstFile(
      workspace,
      ['yml', 'yaml', 'toml', 'json'].map(ending => `.golangci.${ending}`),
    )
    return file && `${file} configures golangci-lint`
  },
  missing: async () =>
    'golangci-lint is not installed on the server: see https://golangci-lint.run/docs/welcome/install/',
  configs: ['**/.golangci.*'],
  identity: { programs: ['golangci-lint', 'go'] },
  silences: /\/\/\s*nolint\b/,
}

const goVet: Linter = {
  name: 'go vet',
  tool: { program: 'go', from: null, version: 'version' },
  args: async () => 'vet ./...',
  isCall: (program, args) =>
    program === 'go' && args[0] === 'vet' && !args.some(arg => /^-(json|vettool|n$)/.test(arg)),
  // It prints what is to be read, and takes no options after its packages.
  options: () => '',
  report: 'shown',
  format: 'go',
  async configuredBy(workspace) {
    return (await firstFile(workspace, ['go.mod'])) && 'there is a go.mod'
  },
  missing: async () => 'go is not installed on the server: see https://go.dev/doc/install',
  configs: [],
  identity: { programs: ['go'], homeFiles: ['.config/go/env'] },
  silences: /\/\/\s*nolint\b/,
}

const rubocop: Linter = {
  name: 'rubocop',
  tool: { program: 'rubocop', from: null },
  args: async () => '',
  isCall: (program, args) =>
    program === 'rubocop' && !args.some(arg => NO_REPORT.test(arg) || /^(-f|--format|-o|--out|-L)/.test(arg)),
  options: ({ file }) => `--cache false --format progress --format json --out ${file}`,
  report: 'file',
  format: 'rubocop',
  async configuredBy(workspace) {
    return (await firstFile(workspace, ['.rubocop.yml'])) && '.rubocop.yml configures rubocop'
  },
  missing: async () =>
    'rubocop is not installed: bundle add rubocop --group development, or gem install rubocop',
  configs: ['**/.rubocop.yml', '**/.rubocop_todo.yml', '.rubocop'],
  identity: { programs: ['rubocop', 'ruby'], homeFiles: ['.rubocop.yml', '.config/rubocop/config.yml'] },
  silences: /#\s*rubocop:(?:disable|todo)/,
}

const PHPSTAN = ['phpstan.neon', 'phpstan.neon.dist', 'phpstan.dist.neon']
const phpstan: Linter = {
  name: 'phpstan',
  tool: { program: 'phpstan', from: 'composer' },
  args: async () => 'analyse',
  isCall: (program, args) =>
    program === 'phpstan' &&
    /^analy[sz]e$/.test(args[0] ?? '') &&
    !args.some(arg => NO_REPORT.test(arg) || /^--(error-format|generate-baseline)/.test(arg)),
  options: () => '--error-format=json --no-progress --no-interaction',
  report: 'stdout',
  format: 'phpstan',
  nothing: /No files found to analyse/,
  async configuredBy(workspace) {
    const file = await firstFile(workspace, PHPSTAN)
    return file && `${file} configures phpstan`
  },
  missing: async () => 'phpstan is not installed in this project: composer require --dev phpstan/phpstan',
  configs: [...PHPSTAN, 'phpstan-baseline.*'],
  identity: { programs: ['phpstan', 'php'] },
  silences: /@phpstan-ignore/,
}

const flake8: Linter = {
  name: 'flake8',
  tool: { program: 'flake8', from: 'python' },
  args: async () => '',
  isCall: (program, args) =>
    program === 'flake8' &&
    !args.some(arg => NO_REPORT.test(arg) || /^--(format|output-file|exit-zero|count)/.test(arg)),
  options: () => '',
  report: 'shown',
  format: 'flake8',
  async configuredBy(workspace) {
    const sections = ['setup.cfg', 'tox.ini'].map((file): [string, string] => [file, '[flake8'])
    const file = await pythonConfig(workspace, { files: ['.flake8'], sections })
    return file && `${file} configures flake8`
  },
  missing: async () => 'flake8 is not installed: pip install flake8',
  configs: ['.flake8'],
  keys: ['setup.cfg', 'tox.ini'].map(file => ({ file, path: ['flake8'] })),
  identity: { programs: ['flake8'], pythonModules: ['flake8', 'pycodestyle', 'pyflakes', 'mccabe'] },
  silences: /#\s*(?:flake8:\s*)?[nN][oO][qQ][aA]\b/,
}

/** In the order in which lint looks for them: those that a project configures, then those that come with its language. */
export const otherLinters: readonly Linter[] = [biome, golangci, rubocop, phpstan, flake8, clippy, goVet]

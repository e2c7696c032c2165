// Which language a project is written in, where several are at home: what lies at its root, and how many tests there are.
import type { Workspace } from '../workspace/workspace.ts'

interface Language {
  /** Goals that test it. */
  goals: readonly string[]
  /** Files at the root that make it the root's language. */
  manifests: RegExp
  /** Paths of its tests, by the conventions of its runners. */
  tests: RegExp
}

const LANGUAGES: readonly Language[] = [
  {
    goals: ['pytest'],
    manifests:
      /^(pyproject\.toml|setup\.(py|cfg)|requirements[\w.-]*\.txt|Pipfile|tox\.ini|\.?pytest\.ini|conftest\.py|noxfile\.py)$/,
    tests: /(^|\/)(test_[^/]*|[^/]*_test)\.py$/,
  },
  {
    goals: ['bun-test', 'npm-test', 'vitest', 'jest', 'node-test', 'deno-test'],
    manifests: /^(package\.json|deno\.jsonc?|bun\.lockb?)$/,
    tests: /\.(test|spec)\.[cm]?[jt]sx?$|(^|\/)(__tests__|test)\/[^/]+\.[cm]?[jt]sx?$|_test\.[cm]?[jt]sx?$/,
  },
  // Its unit tests stand in the code itself.
  { goals: ['cargo-test'], manifests: /^Cargo\.toml$/, tests: /\.rs$/ },
  { goals: ['go-test'], manifests: /^go\.(mod|work)$/, tests: /_test\.go$/ },
  {
    goals: ['maven-test', 'gradle-test'],
    manifests: /^(pom\.xml|(build|settings)\.gradle(\.kts)?)$/,
    tests: /(^|\/)src\/test\/.*\.(java|kt|groovy|scala)$/,
  },
  { goals: ['dotnet-test'], manifests: /\.(slnx?|(cs|fs|vb)proj)$/, tests: /tests?\.(cs|fs|vb)$/i },
  { goals: ['rspec'], manifests: /^(Gemfile|\.rspec|[^/]*\.gemspec)$/, tests: /_spec\.rb$/ },
  { goals: ['phpunit'], manifests: /^(composer\.json|phpunit[\w.-]*\.xml([\w.-]*))$/, tests: /Test\.php$/ },
]

/** Dependencies and what was built; hidden folders are left out as well. */
const SKIPPED = [
  'node_modules',
  'venv',
  'env',
  'vendor',
  'target',
  'dist',
  'build',
  'site-packages',
  '__pycache__',
]
const MAX_BYTES = 4 * 1024 * 1024

/** How much speaks for the language that a goal tests. */
export interface Weight {
  /** A manifest of it lies at the root. */
  atRoot: boolean
  /** Files with tests. */
  tests: number
}

export interface Languages {
  /** null for goals that belong to no language. */
  weightOf(goal: string): Weight | null
  /** There is code in C or C++, whose tests have no runner that every project has. */
  hasNativeCode: boolean
}

export async function weighLanguages(workspace: Workspace): Promise<Languages> {
  const skipped = SKIPPED.map(name => `-name ${name}`).join(' -o ')
  const { output } = await workspace.run({
    command: `find . -maxdepth 8 -type d \\( ${skipped} -o -name '.?*' \\) -prune -o -type f -print | head -c ${MAX_BYTES}`,
    timeoutMs: 20_000,
    keepBytes: 2 * MAX_BYTES,
  })
  const files = output.split('\n').map(line => line.replace(/^\.\//, ''))
  const atRoot = files.filter(file => !file.includes('/'))
  const weights = LANGUAGES.map(({ manifests, tests }) => ({
    atRoot: atRoot.some(file => manifests.test(file)),
    tests: files.filter(file => tests.test(file)).length,
  }))
  return {
    weightOf: goal => weights[languageOf(goal)] ?? null,
    hasNativeCode: files.some(file => /\.(c|cc|cpp|cxx|hh|hpp)$/.test(file)),
  }
}

export const languageOf = (goal: string): number => LANGUAGES.findIndex(({ goals }) => goals.includes(goal))

// Which goal a developer would expect for projects of all kinds, and that the reason names a file of theirs.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProjects, type Files, type Projects } from './check-project.ts'
import { detectGoals, RANK } from './detect-goals.ts'
import { goals } from './registry.ts'

/**
 * SWITCH: true once every goal of the rank is registered. Until then the rows of goals that are still to come wait; the test
 * «every goal of the rank is registered» fails as soon as this does not say how it is.
 */
const ALL_ARE_REGISTERED = true

let projects: Projects
beforeAll(async () => {
  projects = await createProjects()
})
afterAll(() => projects.close())

const isRegistered = (name: string) => goals.some(goal => goal.name === name)
const npm = (more: object = {}) => JSON.stringify({ name: 'p', version: '1.0.0', ...more })
const PLACEHOLDER = { test: 'echo "Error: no test specified" && exit 1' }
const CARGO = '[package]\nname = "p"\nversion = "0.1.0"\nedition = "2021"\n'
const GO = 'module example.com/p\n\ngo 1.22\n'
const MAKE = '.PHONY: all test\nall:\n\tcc main.c\ntest: all\n\t./run-tests\n'
const POM =
  '<project><modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>p</artifactId><version>1</version></project>'
const CSPROJ = (more = '') =>
  `<Project Sdk="Microsoft.NET.Sdk"><ItemGroup>${more}<PackageReference Include="Microsoft.NET.Test.Sdk" Version="17.0.0" /><PackageReference Include="xunit" Version="2.9.0" /></ItemGroup></Project>`
const SLN =
  'Microsoft Visual Studio Solution File, Format Version 12.00\nProject("{FAE04EC0-301F-11D3-BF4B-00C04F79EFBC}") = "P.Tests", "P.Tests\\P.Tests.csproj", "{1}"\nEndProject\n'

// What the project is, the goal expected first, a file that its reason names, the files.
const TABLE: [kind: string, first: string, named: RegExp, files: Files][] = [
  [
    'a Python package with its tests inside',
    'pytest',
    /p\/tests\/test_p\.py/,
    { 'setup.py': '', 'p/tests/test_p.py': '', 'p/deeper/tests/unit/test_a.py': '' },
  ],
  [
    'a Python package that names pytest and has no tests yet',
    'pytest',
    /pyproject\.toml/,
    { 'pyproject.toml': '[project]\nname = "p"\n[dependency-groups]\ndev = ["pytest>=8"]\n', 'p.py': '' },
  ],
  [
    'folders with a back end and a front end',
    'pytest',
    /backend\/tests\/test_a\.py/,
    {
      'backend/pyproject.toml': '',
      'backend/tests/test_a.py': '',
      'frontend/package.json': npm({ scripts: { test: 'vitest' } }),
    },
  ],
  [
    'a C project with make check',
    'make-test',
    /Makefile/,
    { Makefile: 'check: all\n\t./run\n', 'main.c': '' },
  ],
  [
    'a Python package with pytest configured',
    'pytest',
    /pyproject\.toml/,
    {
      'pyproject.toml': '[project]\nname = "p"\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\n',
      'tests/test_p.py': 'def test_p(): pass\n',
    },
  ],
  [
    'a Python package with only setup.py and tests',
    'pytest',
    /tests\/test_p\.py/,
    {
      'setup.py': 'from setuptools import setup\nsetup(name="p")\n',
      'p/__init__.py': '',
      'tests/test_p.py': '',
    },
  ],
  [
    'a Python script with a test beside it',
    'pytest',
    /test_main\.py/,
    { 'main.py': '', 'test_main.py': '', Dockerfile: 'FROM python\n' },
  ],
  [
    'a Python package with linters and types configured',
    'pytest',
    /conftest\.py/,
    { 'pyproject.toml': '[tool.ruff]\n[tool.mypy]\n', 'tests/conftest.py': '', 'pyrightconfig.json': '{}' },
  ],
  [
    'a Python package with a Makefile',
    'pytest',
    /tests\/test_p\.py/,
    { 'pyproject.toml': '[project]\nname = "p"\n', 'tests/test_p.py': '', Makefile: 'test:\n\tpytest\n' },
  ],
  [
    'a Python package without tests',
    'ruff',
    /ruff\.toml/,
    { 'pyproject.toml': '[project]\nname = "p"\n', 'ruff.toml': '', 'p.py': '' },
  ],
  [
    'a package with a test script',
    'npm-test',
    /package\.json/,
    { 'package.json': npm({ scripts: { test: 'mocha' } }), 'test/a.js': '' },
  ],
  [
    'a JS library with a Makefile',
    'npm-test',
    /package\.json/,
    { 'package.json': npm({ scripts: { test: 'node --test' } }), Makefile: MAKE, 'eslint.config.js': '' },
  ],
  [
    'npm’s placeholder script and vitest',
    'vitest',
    /package\.json/,
    { 'package.json': npm({ scripts: PLACEHOLDER, devDependencies: { vitest: '^4' } }) },
  ],
  [
    'jest without a script',
    'jest',
    /jest\.config\.js/,
    { 'package.json': npm(), 'jest.config.js': 'module.exports = {}\n' },
  ],
  [
    'tests of node’s own runner without a script',
    'node-test',
    /test\/a\.test\.js/,
    { 'package.json': npm({ type: 'module' }), 'test/a.test.js': "import { test } from 'node:test'\n" },
  ],
  [
    'a bun project',
    'bun-test',
    /bun\.lock/,
    { 'package.json': npm(), 'bun.lock': '{}', 'a.test.ts': "import { test } from 'bun:test'\n" },
  ],
  [
    'a bun project whose script is bun test',
    'bun-test',
    /package\.json/,
    { 'package.json': npm({ scripts: { test: 'bun test' } }), 'bun.lockb': '' },
  ],
  [
    'bun as a package manager only',
    'npm-test',
    /package\.json/,
    {
      'package.json': npm({ scripts: { test: 'vitest run' }, devDependencies: { vitest: '^4' } }),
      'bun.lock': '{}',
    },
  ],
  ['a Deno project', 'deno-test', /deno\.json/, { 'deno.json': '{}', 'main_test.ts': '' }],
  [
    'an npm workspace',
    'npm-test',
    /package\.json/,
    {
      'package.json': npm({ workspaces: ['packages/*'], scripts: { test: 'npm test --workspaces' } }),
      'packages/a/package.json': npm(),
    },
  ],
  ['only a tsconfig', 'tsc', /tsconfig\.json/, { 'tsconfig.json': '{}', 'index.ts': '' }],
  [
    'a package with the placeholder script and eslint',
    'eslint',
    /eslint\.config\.mjs/,
    { 'package.json': npm({ scripts: PLACEHOLDER }), 'eslint.config.mjs': '' },
  ],
  ['a Rust package', 'cargo-test', /Cargo\.toml/, { 'Cargo.toml': CARGO, 'src/lib.rs': '' }],
  [
    'a Rust workspace with a Makefile',
    'cargo-test',
    /Cargo\.toml/,
    {
      'Cargo.toml': '[workspace]\nmembers = ["a"]\n',
      'a/Cargo.toml': CARGO,
      'a/src/lib.rs': '',
      Makefile: MAKE,
    },
  ],
  [
    'a Go module with tests',
    'go-test',
    /go\.mod/,
    { 'go.mod': GO, 'p.go': 'package p\n', 'p_test.go': 'package p\n' },
  ],
  ['a Go module without tests', 'go-test', /go\.mod/, { 'go.mod': GO, 'main.go': 'package main\n' }],
  [
    'a Go workspace',
    'go-test',
    /go\.work/,
    { 'go.work': 'go 1.22\nuse ./a\n', 'a/go.mod': GO, 'a/a_test.go': 'package a\n' },
  ],
  ['a Maven project', 'maven-test', /pom\.xml/, { 'pom.xml': POM, 'src/test/java/PTest.java': '' }],
  [
    'a Gradle project in Kotlin',
    'gradle-test',
    /build\.gradle\.kts/,
    { 'build.gradle.kts': 'plugins { kotlin("jvm") }\n', 'src/test/kotlin/PTest.kt': '' },
  ],
  [
    'a .NET solution',
    'dotnet-test',
    /P\.sln|P\.Tests\.csproj/,
    { 'P.sln': SLN, 'P.Tests/P.Tests.csproj': CSPROJ() },
  ],
  [
    'a gem with rspec',
    'rspec',
    /Gemfile|\.rspec|spec_helper/,
    { Gemfile: "source 'https://rubygems.org'\ngem 'rspec'\n", 'spec/p_spec.rb': '' },
  ],
  [
    'a PHP package with phpunit',
    'phpunit',
    /composer\.json/,
    { 'composer.json': '{"require-dev":{"phpunit/phpunit":"^11"}}', 'tests/PTest.php': '' },
  ],
  ['only a Makefile', 'make-test', /Makefile/, { Makefile: MAKE, 'main.c': '' }],
  [
    'a C project whose tests are written in Python',
    'make-test',
    /Makefile/,
    { Makefile: MAKE, 'src/main.c': '', 'tests/test_cli.py': '' },
  ],
  [
    'a shell project',
    'make-test',
    /Makefile/,
    { Makefile: 'test:\n\tbats test\n', 'bin/run.sh': '#!/bin/sh\n', 'test/a.bats': '' },
  ],
  ['only a Dockerfile', 'docker-build', /Dockerfile/, { Dockerfile: 'FROM nginx\n', 'index.html': '' }],
  [
    'a Python service with a front end',
    'pytest',
    /tests\/test_a\.py/,
    {
      'requirements.txt': 'flask\n',
      'tests/test_a.py': '',
      'tests/test_b.py': '',
      'package.json': npm({ scripts: { test: 'vitest run' } }),
      'ui/a.test.ts': '',
      Dockerfile: '',
    },
  ],
  [
    'a JS application with Python scripts',
    'npm-test',
    /package\.json/,
    {
      'package.json': npm({ scripts: { test: 'vitest run' } }),
      'src/a.test.ts': '',
      'src/b.test.ts': '',
      'tests/test_tool.py': '',
    },
  ],
  [
    'a JS application whose packages are full of Python',
    'npm-test',
    /package\.json/,
    {
      'package.json': npm({ scripts: { test: 'node --test' } }),
      'a.test.mjs': '',
      'test_tool.py': '',
      'node_modules/gyp/test_a.py': '',
      'node_modules/gyp/test_b.py': '',
    },
  ],
]

test('every goal of the rank is registered, and every goal that detects has its rank', () => {
  expect(RANK.every(isRegistered)).toBe(ALL_ARE_REGISTERED)
  expect(goals.filter(goal => goal.detect && !RANK.includes(goal.name)).map(({ name }) => name)).toEqual([])
  expect(TABLE.filter(([, first]) => !RANK.includes(first)).map(([kind]) => kind)).toEqual([])
  expect(new Set(RANK).size).toBe(RANK.length)
})

test.each(TABLE.filter(([, first]) => isRegistered(first)))('%s: %s', async (_kind, first, named, files) => {
  const [candidate] = await detectGoals(await projects.make(files))
  expect(candidate?.goal).toBe(first)
  expect(candidate?.why).toMatch(named)
})

test.each<[string, Files]>([
  ['an empty folder', {}],
  ['words only', { 'README.md': '# p\n', LICENSE: '' }],
  ['a package with the placeholder script', { 'package.json': npm({ scripts: PLACEHOLDER }) }],
  ['a package.json that cannot be read', { 'package.json': '{' }],
  [
    'tests of dependencies',
    { 'node_modules/gyp/test_a.py': '', 'venv/lib/python3/site-packages/p/test_a.py': '' },
  ],
  ['a Makefile without a test', { Makefile: 'all:\n\tcc main.c\n' }],
])('%s speaks for nothing', async (_kind, files) => {
  expect(await detectGoals(await projects.make(files))).toEqual([])
})

test('make check is how it is run where the target is named so', async () => {
  const [candidate] = await detectGoals(await projects.make({ Makefile: 'check:\n\ttrue\n' }))
  expect(candidate).toEqual({
    goal: 'make-test',
    check_command: 'make check',
    why: 'Makefile has a target named check',
  })
})

test('.retrai.yml with several goals: one candidate each, in their order, before what the files say', async () => {
  const found = await detectGoals(
    await projects.make({
      '.retrai.yml':
        'goals:\n  - pytest\n  - goal: Be quick\n    check_command: sh bench.sh\n  - make-test\n',
      'tests/test_a.py': '',
      Makefile: MAKE,
      Dockerfile: '',
    }),
  )
  expect(found).toEqual([
    { goal: 'pytest', check_command: null, why: '.retrai.yml names it' },
    { goal: 'Be quick', check_command: 'sh bench.sh', why: '.retrai.yml names it' },
    { goal: 'make-test', check_command: null, why: '.retrai.yml names it' },
    { goal: 'docker-build', check_command: null, why: 'there is a Dockerfile' },
  ])
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProjects, type Files, type Projects } from './check-project.ts'
import { detectGoals } from './detect-goals.ts'

let projects: Projects
beforeAll(async () => {
  projects = await createProjects()
})
afterAll(() => projects.close())

const detect = async (files: Files) => detectGoals(await projects.make(files))

test('an empty folder speaks for nothing', async () => {
  expect(await detect({ 'README.md': 'hello', 'pyproject.toml': '[project]\nname = "x"\n' })).toEqual([])
})

test.each<[string, Files, string]>([
  [
    'pytest',
    { 'pyproject.toml': '[project]\n\n[tool.pytest.ini_options]\n' },
    'pyproject.toml configures pytest',
  ],
  ['pytest', { 'pytest.ini': '' }, 'pytest.ini configures pytest'],
  ['pytest', { 'tests/conftest.py': '' }, 'there is a tests/conftest.py'],
  ['pytest', { 'tests/test_a.py': '' }, 'there are Python tests: tests/test_a.py'],
  [
    'npm-test',
    { 'package.json': '{"scripts":{"test":"node --test"}}' },
    'package.json has a test script: "node --test"',
  ],
  ['cargo-test', { 'Cargo.toml': '[package]\nname = "x"\n' }, 'Cargo.toml makes it a Rust package'],
  ['cargo-test', { 'Cargo.toml': '[workspace]\n' }, 'Cargo.toml makes it a Rust workspace'],
  ['go-test', { 'go.mod': 'module x\n' }, 'go.mod makes it a Go module'],
  ['rspec', { '.rspec': '' }, '.rspec configures rspec'],
  ['rspec', { Gemfile: 'gem "rspec"\n' }, 'Gemfile names rspec'],
  ['phpunit', { 'phpunit.xml.dist': '' }, 'phpunit.xml.dist configures phpunit'],
  [
    'phpunit',
    { 'composer.json': '{"require-dev":{"phpunit/phpunit":"^10"}}' },
    'composer.json requires phpunit',
  ],
  ['maven-test', { 'pom.xml': '<project/>' }, 'pom.xml makes it a Maven project'],
  ['gradle-test', { 'build.gradle.kts': '' }, 'build.gradle.kts makes it a gradle build'],
  ['dotnet-test', { 'Shop.sln': '' }, 'Shop.sln makes it a .NET project'],
  ['make-test', { Makefile: 'build test: x\n\techo\n' }, 'Makefile has a target named test'],
])('%s is found by %j', async (goal, files, why) => {
  expect(await detect(files)).toEqual([{ goal, check_command: null, why }])
})

test('a variable named test and a recipe line are no targets', async () => {
  expect(await detect({ Makefile: 'test := 1\nall:\n\ttest: x\n' })).toEqual([])
})

test('what the project itself says comes first', async () => {
  const found = await detect({
    '.retrai.yml': 'goal: Make it fast\ncheck_command: sh bench.sh\n',
    Makefile: 'test:\n\ttrue\n',
    'package.json': '{"scripts":{"test":"node --test"}}',
  })
  expect(found.map(({ goal }) => goal)).toEqual(['Make it fast', 'npm-test', 'make-test'])
  expect(found[0]).toEqual({
    goal: 'Make it fast',
    check_command: 'sh bench.sh',
    why: '.retrai.yml names it',
  })
})

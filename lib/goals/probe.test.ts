import { expect, test } from 'vitest'
import { probeFor, runnersIn } from './probe.ts'

const commandOf = (command: string, scripts = {}) =>
  probeFor(command, '/p', scripts)?.command('/tmp/r') ?? null

test.each([
  ['pytest -q', ['pytest']],
  ['FOO=1 uv run pytest', ['pytest']],
  ['.venv/bin/python -m pytest tests', ['pytest']],
  ['python manage.py test', ['unittest']],
  ['tsc && node --test --import tsx', ['node']],
  ['npx vitest run | tee log', ['vitest']],
  ['cargo test --all && go test ./...', ['cargo', 'go']],
  ['node_modules/.bin/bun --bun test src', ['bun']],
  ['deno test -A', ['deno']],
  ['bun run build; deno task test', []],
  ['echo pytest', []],
  ['grep -r jest .', []],
])('%s starts %j', (command, runners) => {
  expect(runnersIn(command)).toEqual(runners)
})

test('scripts are followed to what they start, in circles too', () => {
  const scripts = { test: 'npm run unit && yarn e2e', unit: 'vitest run', e2e: 'npm test && mocha' }
  expect(runnersIn('npm test', scripts)).toEqual(['vitest', 'mocha'])
})

test('a plain call of pytest gets a report, anything else stays as it is', () => {
  expect(commandOf('pytest -q tests')).toMatch(
    /^PYTHONPATH='\/tmp\/r'"\S+" pytest -q tests -p retrai_watch_\w+ --junitxml='\/tmp\/r\/report\.xml' /m,
  )
  expect(commandOf('PYTHONPATH=src pytest')).toMatch(/^PYTHONPATH='\/tmp\/r':src pytest -p /m)
  for (const command of [
    'pytest | tail',
    'pytest && echo',
    'pytest --junitxml=mine.xml',
    'pytest --co',
    'cd x; pytest',
  ])
    expect(commandOf(command)).toBeNull()
})

test('options reach vitest and jest through npm scripts', () => {
  expect(commandOf('npx vitest run')).toBe(
    'npx vitest run --reporter=default --reporter=json --outputFile.json=/tmp/r/out.json',
  )
  expect(commandOf('npm test', { test: 'tsc && vitest run --reporter=dot' })).toBe(
    'npm test -- --reporter=json --outputFile.json=/tmp/r/out.json',
  )
  expect(commandOf('npm test', { test: 'npm run unit', unit: 'jest' })).toBe(
    'npm test -- -- --json --outputFile=/tmp/r/out.json',
  )
  expect(commandOf('yarn test', { test: 'react-scripts test' })).toBe(
    'yarn test --json --outputFile=/tmp/r/out.json',
  )
})

test('bun and deno write JUnit, through scripts too', () => {
  expect(commandOf('bun test src')).toBe('bun test src --reporter=junit --reporter-outfile=/tmp/r/report.xml')
  expect(commandOf('npm test', { test: 'bun test' })).toBe(
    'npm test -- --reporter=junit --reporter-outfile=/tmp/r/report.xml',
  )
  expect(commandOf('deno test -A')).toBe('deno test -A --junit-path=/tmp/r/report.xml')
  for (const command of [
    'bun test --reporter=dots',
    'bun test | tail',
    'deno test -A -- x',
    'deno test --junit-path=x',
  ])
    expect(commandOf(command)).toBeNull()
})

test.each([
  'vitest run && eslint .',
  'vitest run | tee log',
  'vitest --watch',
  'jest --json',
  'vitest run # all',
])('nothing is added to %s', script => {
  expect(commandOf('npm test', { test: script })).toBeNull()
})

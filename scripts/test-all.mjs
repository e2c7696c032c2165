// What `npm test` runs: everything that must hold, one step after the other, and one sum at the end. A step that fails does
// not keep the later ones from telling what they find, except those that need it.
import { spawn } from 'node:child_process'
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const scratch = mkdtempSync(path.join(tmpdir(), 'retrai-test-all-'))
const require = createRequire(import.meta.url)
const bin = (name, file) => path.join(path.dirname(require.resolve(`${name}/package.json`)), file)
const report = name => path.join(scratch, `${name}.json`)

const vitest = bin('vitest', 'vitest.mjs')
/** Files of the integration project one after the other: they measure times, and each has servers of its own. */
const project = (name, ...more) => [
  ...[vitest, 'run', '--project', name, '--reporter=default', '--reporter=json'],
  ...[`--outputFile.json=${report(name)}`, ...more],
]

const STEPS = [
  { name: 'generate', argv: ['scripts/prisma-generate.mjs'] },
  // Next's own types of the routes: tsc would not know them before the first build.
  { name: 'routes', argv: [bin('next', 'dist/bin/next'), 'typegen'], needs: ['generate'] },
  { name: 'typecheck', argv: [bin('typescript', 'bin/tsc'), '--noEmit'], needs: ['routes'] },
  { name: 'lint', argv: [bin('@biomejs/biome', 'bin/biome'), 'check', '--error-on-warnings', '.'] },
  { name: 'build', argv: ['scripts/build.mjs'], needs: ['generate'] },
  // What tests need of the machine is installed one after the other, beside all that stands above its line: that waits for the
  // network, and the rest for the processor.
  { name: 'pytest', argv: ['scripts/ensure-pytest.mjs'], isInstall: true },
  {
    name: 'unit',
    argv: project('unit', '--maxWorkers=2'),
    needs: ['generate', 'pytest'],
    count: countVitest,
  },
  { name: 'bubblewrap', argv: ['scripts/ensure-bubblewrap.mjs'], isInstall: true },
  { name: 'tools', argv: ['scripts/ensure-tools.mjs'], isInstall: true },
  { name: 'databases', argv: ['scripts/ensure-databases.mjs'], isInstall: true },
  { name: 'strace', argv: ['scripts/ensure-strace.mjs'], isInstall: true },
  { name: 'chromium', argv: ['scripts/ensure-chromium.mjs'], isInstall: true },
  { name: 'languages', argv: ['scripts/ensure-languages.mjs'], isInstall: true },
  {
    name: 'integration',
    argv: project('integration', '--no-file-parallelism'),
    needs: ['build', 'pytest', 'bubblewrap'],
    count: countVitest,
  },
  {
    name: 'goals',
    // Much of it waits for compilers and agents, as the integration tests wait for servers: three files at once on two cores.
    startsWith: 'integration',
    argv: project('goals', '--maxWorkers=2'),
    needs: ['build', 'pytest', 'tools', 'databases', 'languages', 'bubblewrap'],
    count: countVitest,
  },
  {
    name: 'cli',
    argv: project('cli', '--no-file-parallelism'),
    follows: 'goals',
    needs: ['build', 'bubblewrap'],
    count: countVitest,
  },
  {
    name: 'reliability',
    // Two parts beside each other: servers that boot and die keep one core busy each.
    argv: project('reliability', '--maxWorkers=2'),
    needs: ['build', 'strace', 'bubblewrap', 'chromium'],
    count: countVitest,
  },
  {
    name: 'browser',
    argv: [bin('@playwright/test', 'cli.js'), 'test', '--reporter=list,json'],
    env: { PLAYWRIGHT_JSON_OUTPUT_FILE: report('browser') },
    needs: ['build', 'chromium'],
    count: countPlaywright,
  },
]

/** rustup's cargo looks for its toolchains in the home directory, which may be another one than that of whoever installed it. */
function toolchainsOfRust() {
  const cargo = (process.env.PATH ?? '')
    .split(path.delimiter)
    .find(folder => /\/\.cargo\/bin\/?$/.test(folder))
  const rustup = cargo && path.resolve(cargo, '../../.rustup')
  return rustup && !process.env.RUSTUP_HOME && existsSync(rustup) ? { RUSTUP_HOME: rustup } : {}
}

const env = {
  ...process.env,
  ...toolchainsOfRust(),
  CI: '1',
  NEXT_TELEMETRY_DISABLED: '1',
  // A home that cannot be written is no reason to fail: caches go elsewhere.
  ...(isWritable(homedir())
    ? {}
    : {
        npm_config_cache: path.join(scratch, 'npm'),
        XDG_CACHE_HOME: path.join(scratch, 'cache'),
        XDG_CONFIG_HOME: path.join(scratch, 'config'),
        PLAYWRIGHT_BROWSERS_PATH: process.env.PLAYWRIGHT_BROWSERS_PATH ?? path.join(scratch, 'browsers'),
      }),
}

const total = { passed: 0, failed: 0, skipped: 0 }
/** How many tests may hold only when tried once more. One in a thousand is a busy machine; more are a fault. */
const SECOND_TRIES = 3
/** Tests that failed at first, by name. */
const secondTries = []
const failedSteps = new Set()
/** Steps that began beside an earlier one; what they print waits for their turn. */
const begun = new Map()
const missingFor = step => (step.needs ?? []).filter(name => failedSteps.has(name))

let installed = Promise.resolve()
for (const step of STEPS.filter(({ isInstall }) => isInstall)) {
  const mine = installed.then(() => run(step, true))
  installed = mine
  begun.set(step.name, mine)
}

for (const step of STEPS) {
  for (const other of STEPS)
    if (other.startsWith === step.name && missingFor(other).length === 0) beginBeside(other)
  const missing = missingFor(step)
  console.log(`\n── ${step.name} ${'─'.repeat(70 - step.name.length)}`)
  const began = performance.now()
  const code = missing.length > 0 ? null : begun.has(step.name) ? await printedBy(step.name) : await run(step)
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  const counted = code === null || !step.count ? { passed: 0, failed: 0, skipped: 0 } : step.count(step.name)
  // Whatever went wrong besides single tests counts as one failure, so that the sum cannot look better than it is.
  if (code !== 0 && counted.failed === 0) counted.failed = 1
  if (counted.failed > 0) failedSteps.add(step.name)
  for (const key of Object.keys(total)) total[key] += counted[key]
  if (code === null) console.log(`${step.name}: not run, because ${missing.join(' and ')} failed`)
  else console.log(`${step.name}: ${counted.failed > 0 ? 'failed' : 'fine'} after ${seconds} s`)
}
rmSync(scratch, { recursive: true, force: true })

console.log('')
if (failedSteps.size > 0) console.log(`Failed: ${[...failedSteps].join(', ')}`)
if (secondTries.length > 0) {
  console.log(`Failed at first, and held when tried once more:\n  ${secondTries.join('\n  ')}`)
  if (secondTries.length > SECOND_TRIES) {
    console.log(`That is more than ${SECOND_TRIES}, so it counts as a failure`)
    total.passed -= secondTries.length
    total.failed += secondTries.length
    failedSteps.add('second tries')
  }
}
if (total.skipped > 0)
  console.log('Tests were skipped: a test that does not run proves nothing, so this is a failure')
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`)
process.exitCode = failedSteps.size > 0 || total.skipped > 0 ? 1 : 0

/** A step beside those whose turn it is, and after it those that follow it there. */
function beginBeside(step) {
  const mine = run(step, true)
  begun.set(step.name, mine)
  for (const next of STEPS)
    if (next.follows === step.name && missingFor(next).length === 0)
      begun.set(
        next.name,
        mine.then(() => run(next, true)),
      )
}

/** Of a step that began earlier: prints what it printed; resolves with its exit code. */
async function printedBy(name) {
  const { code, print } = await begun.get(name)
  print()
  return code
}

/** Runs a Node program with our terminal as its own, or quietly; resolves with its exit code, or with that and its output. */
async function run({ name, argv, env: extra }, isQuiet = false) {
  const printed = isQuiet ? openSync(path.join(scratch, `${name}.txt`), 'w+') : null
  const stdio = printed === null ? 'inherit' : ['ignore', printed, printed]
  const child = spawn(process.execPath, argv, { cwd: root, env: { ...env, ...extra }, stdio })
  const code = await new Promise(resolve => {
    child.once('error', error => {
      console.error(error.message)
      resolve(1)
    })
    child.once('close', code => resolve(code ?? 1))
  })
  if (printed === null) return code
  closeSync(printed)
  const file = path.join(scratch, `${name}.txt`)
  return { code, print: () => process.stdout.write(readFileSync(file)) }
}

function countVitest(name) {
  const result = readReport(name)
  if (!result) return { passed: 0, failed: 1, skipped: 0 }
  // A file that could not be loaded has no tests to count.
  const unloaded = result.testResults.filter(
    file => file.status === 'failed' && file.assertionResults.every(test => test.status !== 'failed'),
  )
  for (const file of result.testResults) {
    for (const { status, failureMessages, fullName } of file.assertionResults)
      if (status === 'passed' && failureMessages.length > 0) secondTries.push(`${name}: ${fullName}`)
  }
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests + unloaded.length,
    skipped: result.numPendingTests + result.numTodoTests,
  }
}

function countPlaywright(name) {
  const result = readReport(name)
  if (!result) return { passed: 0, failed: 1, skipped: 0 }
  const { expected, unexpected, flaky, skipped } = result.stats
  for (const { title, tests } of specsOf(result.suites))
    if (tests.some(({ status }) => status === 'flaky')) secondTries.push(`${name}: ${title}`)
  return { passed: expected + flaky, failed: unexpected + result.errors.length, skipped }
}

function specsOf(suites) {
  return suites.flatMap(({ specs, suites = [] }) => [...specs, ...specsOf(suites)])
}

function readReport(name) {
  try {
    return JSON.parse(readFileSync(report(name), 'utf8'))
  } catch {
    return null // it did not come so far
  }
}

function isWritable(directory) {
  try {
    accessSync(directory, constants.W_OK)
    return true
  } catch {
    return false
  }
}

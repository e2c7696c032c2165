// Makes node's test runner report its tests, through an additional reporter named in NODE_OPTIONS: options after the
// files of a script would be taken for files, and a script like `tsc && node --test` leaves no place for them anyway.
// Works alike on Node 20, 22 and 24.
import { MESSAGE_CHARS } from './check-tests.ts'
import { quote } from './command-line.ts'
import { DONE, parseReportLines, READY } from './report-lines.ts'
import type { Probe } from './run-with-report.ts'

/**
 * For any command: where no test runner of node's runs, it does nothing. `text` is the command with the scripts it runs:
 * where they name a reporter, that one prints, and ours comes along.
 */
export function nodeProbe(command: string, root: string, text = command): Probe {
  const hasReporter = /--test-reporter(?!-destination)/.test(text)
  const hasDestination = text.includes('--test-reporter-destination')
  const printed = hasReporter ? [] : ['--test-reporter=spec', '--test-reporter-destination=stdout']
  // A reporter without a destination of its own goes to stdout only while it is alone.
  const destination = hasReporter && !hasDestination ? ['--test-reporter-destination=stdout'] : []
  return {
    command: () => command,
    env: folder => ({
      RETRAI_REPORT_DIR: folder,
      RETRAI_REPORT_ROOT: root,
      NODE_OPTIONS: [...printed, ...OURS, ...destination, LOCK].join(' '),
    }),
    // A script may well do without node's runner.
    alwaysReports: false,
    parse: parseReportLines,
  }
}

/** For jest and vitest, which write the same JSON: `command` must make them write it to the folder's out.json. */
export function jsonProbe(command: (file: string) => string, root: string): Probe {
  return {
    command: folder => command(quote(`${folder}/out.json`)),
    // Beside the runner, because the JSON of a large project would hold up the server's event loop.
    alwaysReports: true,
    afterwards: folder => `node -e ${quote(REDUCE)} ${quote(folder)} ${quote(root)}`,
    parse: parseReportLines,
  }
}

// A file that imports node:test and reports nothing has ended before its tests, e.g. by process.exit(0): node itself takes
// that for a pass. So it does with a test that never came to its end. With a filter, such files are usual.
const REPORTER = `
import { appendFileSync, readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
const { RETRAI_REPORT_DIR: dir, RETRAI_REPORT_ROOT: root = '' } = process.env
const own = option => option.startsWith('--test-reporter')
process.env.NODE_OPTIONS = (process.env.NODE_OPTIONS || '').split(' ').filter(o => !own(o)).join(' ')
delete process.env.RETRAI_REPORT_DIR
// Beyond this much per process, only names are kept: the report has to fit.
const room = { left: 1_500_000 }
const textOf = error => {
  const cause = error && error.cause !== undefined ? error.cause : error
  const text = cause && cause.message !== undefined ? cause.message : cause
  try { return text === undefined || text === null ? '' : String(text) } catch { return '' }
}
const more = data => {
  const said = data.details && data.details.error ? textOf(data.details.error)
    : [data.skip, data.todo].find(reason => typeof reason === 'string') || ''
  const message = said.replace(/\\u001b\\[[0-9;]*m/g, '').slice(0, ${MESSAGE_CHARS})
  room.left -= message.length
  return { ...(message && room.left > 0 && { message }), ...(data.line > 0 && { line: data.line }) }
}
const put = line => dir && appendFileSync(dir + '/report-' + process.pid, JSON.stringify(line) + '\\n')
const filtered = process.execArgv.some(a => /^--test-(name-pattern|skip-pattern|only)/.test(a))
const usesRunner = file => {
  try { return /['"]node:test['"]/.test(readFileSync(file, 'utf8')) } catch { return false }
}
// Node 20 then ends without letting its reporters come to their end.
const forced = process.execArgv.includes('--test-force-exit')
// At once: a test may end the process before the first event is read.
put(${READY})
if (forced) put(${DONE})
export default async function* report(source) {
  const stacks = new Map(), open = new Map(), reported = new Set(), failedBelow = new Set()
  const state = (data, failed) =>
    (data.skip !== undefined && data.skip !== false) || (data.todo !== undefined && data.todo !== false)
      ? 'skip' : failed ? 'fail' : 'pass'
  for await (const { type, data } of source) {
    if (!data || typeof data.name !== 'string') continue
    const file = data.file || ''
    const shown = file && root ? relative(root, file) : file
    const key = JSON.stringify([file, data.line, data.column, data.nesting, data.name])
    if (data.nesting === 0 && file && resolve(data.name) === file) {
      if (type === 'test:fail') put([state(data, true), shown, [], { message: more(data).message }])
      else if (type === 'test:pass' && !reported.has(file))
        put(usesRunner(file) && !filtered && data.skip === undefined
          ? ['fail', shown, ['(ended before it reported its tests)']] : [state(data), shown, []])
    } else if (type === 'test:dequeue') {
      reported.add(file)
      const known = open.get(key)
      open.set(key, { shown, name: data.name, count: (known ? known.count : 0) + 1 })
    } else if (type === 'test:start') {
      if (!stacks.has(file)) stacks.set(file, [])
      const stack = stacks.get(file)
      stack.length = data.nesting
      stack.push(data.name)
    } else if (type === 'test:pass' || type === 'test:fail') {
      reported.add(file)
      const known = open.get(key)
      if (known) known.count--
      const path = [...(stacks.get(file) || []).slice(0, data.nesting), data.name]
      const failed = type === 'test:fail'
      const isSuite = data.details && data.details.type === 'suite'
      const below = JSON.stringify([file, ...path])
      if (isSuite ? failed && !failedBelow.has(below) && state(data, true) === 'fail' : true)
        put([state(data, failed), shown, path, more(data)])
      if (failed && state(data, true) === 'fail')
        for (let n = 0; n < path.length; n++) failedBelow.add(JSON.stringify([file, ...path.slice(0, n)]))
    }
  }
  if (forced) return
  for (const { shown, name, count } of open.values())
    for (let n = 0; n < count; n++) put(['fail', shown, [name, '(did not finish)']])
  put(${DONE})
}
`
const OURS = [
  `--test-reporter=data:text/javascript,${encodeURIComponent(REPORTER)}`,
  // It writes its file itself, one per process, and yields nothing.
  '--test-reporter-destination=stderr',
]

// Assertions stay what they are, and so does what tests are written with: code under test that sets `assert.equal` gets a
// TypeError. What is added to them, a project's own assertions, is no matter.
const LOCK_ASSERTIONS = `
import assert from 'node:assert'
const lock = object => {
  for (const [name, held] of Object.entries(Object.getOwnPropertyDescriptors(object)))
    if (held.configurable && typeof held.value === 'function')
      Object.defineProperty(object, name, { ...held, writable: false, configurable: false })
}
lock(assert)
lock(assert.strict)
if (process.env.NODE_TEST_CONTEXT || process.execArgv.some(option => option.startsWith('--test')))
  lock((await import('node:test')).default)
`
const LOCK = `--import=data:text/javascript,${encodeURIComponent(LOCK_ASSERTIONS)}`

const REDUCE = `
const fs = require('fs'), path = require('path')
const [dir, root] = process.argv.slice(1)
const lines = [${JSON.stringify(READY)}]
// Beyond this much, only names are kept: the report has to fit.
const room = { left: 3_000_000 }
function more(said, file, location) {
  const text = String(said).replace(/\\u001b\\[[0-9;]*m/g, '')
  // Where in the test's own file it failed, else where the test begins.
  const at = file ? text.indexOf(file + ':') : -1
  const line = at === -1 ? location && location.line : parseInt(text.slice(at + file.length + 1), 10)
  const message = text.split('\\n').filter(line => !/^ +at /.test(line)).join('\\n').trim().slice(0, ${MESSAGE_CHARS})
  room.left -= message.length
  return { ...(message && room.left > 0 && { message }), ...(line > 0 && { line }) }
}
for (const suite of JSON.parse(fs.readFileSync(dir + '/out.json', 'utf8')).testResults || []) {
  const file = suite.name ? path.relative(root, suite.name) : ''
  let failed = false
  for (const { status, ancestorTitles, title, failureMessages, location } of suite.assertionResults || []) {
    failed = failed || status === 'failed'
    const state = status === 'passed' ? 'pass' : status === 'failed' ? 'fail' : 'skip'
    const said = (failureMessages || []).join('\\n')
    lines.push(JSON.stringify([state, file, [...(ancestorTitles || []), title], more(said, suite.name, location)]))
  }
  if (suite.status === 'failed' && !failed)
    lines.push(JSON.stringify(['fail', file, [], more(suite.message || '', suite.name)]))
}
lines.push(${JSON.stringify(DONE)})
fs.writeFileSync(dir + '/report', lines.join('\\n') + '\\n')
`

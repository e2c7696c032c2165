import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Workspace } from '../workspace/workspace.ts'
import { createProjects, type Files, filesOf, type Projects } from './check-project.ts'
import type { CheckResult } from './goal.ts'
import { projectAt } from './project-at-start.ts'
import { resolveGoal } from './resolve-goal.ts'

let projects: Projects
beforeAll(async () => {
  if (spawnSync('sqlite3', ['--version']).status !== 0)
    throw new Error('There is no sqlite3: these tests need it (Debian: apt-get install sqlite3)')
  projects = await createProjects()
})
afterAll(() => projects?.close())

const TABLES = `
  CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, amount REAL, note TEXT);
  INSERT INTO orders SELECT n, n % 5000, n * 0.1, 'a ; b' FROM generate_series(1, 60000) AS s(n);
`
const SQLITE_TABLES = TABLES.replace(
  'SELECT n, n % 5000',
  'WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < 60000) SELECT n, n % 5000',
).replace('FROM generate_series(1, 60000) AS s(n)', 'FROM g')

async function shop(files: Files = {}): Promise<Workspace> {
  const workspace = await projects.make(files)
  execFileSync('sqlite3', [path.join(workspace.root, 'shop.db')], { input: SQLITE_TABLES })
  return workspace
}

/** Each customer's orders by a scan of the whole table for every one of them. */
const SLOW =
  'SELECT c.n, (SELECT sum(amount) FROM orders WHERE customer = c.n) FROM (SELECT DISTINCT customer AS n FROM orders WHERE id <= 150) c'

async function check(
  workspace: Workspace,
  settings: Record<string, unknown>,
  first: CheckResult | null = null,
): Promise<CheckResult> {
  const { goal, options } = resolveGoal('sql-benchmark', { settings: { database: 'shop.db', ...settings } })
  return goal.check({
    workspace,
    options,
    signal: new AbortController().signal,
    pinned: first?.command ?? null,
    firstMeasurement: first?.measurement ?? null,
  })
}

test('an index in the setup makes a slow query fast, with the same rows and an unchanged database', async () => {
  const workspace = await shop()
  const before = readFileSync(path.join(workspace.root, 'shop.db'))
  const settings = { query: SLOW, setup_file: 'indexes.sql', max_ms: 60, runs: 3 }
  const slow = await check(workspace, settings)
  expect(slow).toMatchObject({ achieved: false, broken: false, tools: [{ name: 'sqlite3' }] })
  expect(slow.reason).toMatch(
    /^\d+ ms \(median of 3 runs\), above the target of 60 ms; result [0-9a-f]{16} \(150 rows\)$/,
  )
  writeFileSync(
    path.join(workspace.root, 'indexes.sql'),
    'CREATE INDEX by_customer ON orders (customer, amount DESC)\n;',
  )
  const fast = await check(workspace, settings, slow)
  expect(fast).toMatchObject({ achieved: true, measurement: { unit: 'ms', better: 'lower', target: 60 } })
  expect(fast.measurement?.baseline).toBe(slow.measurement?.value)
  expect(fast.measurement?.samples).toHaveLength(3)
  expect(readFileSync(path.join(workspace.root, 'shop.db')).equals(before)).toBe(true)
  expect(await filesOf(workspace)).toEqual(['indexes.sql', 'shop.db'])
})

test('a query that returns something else is fast for nothing', async () => {
  const workspace = await shop({ 'q.sql': 'SELECT id FROM orders ORDER BY id DESC LIMIT 3' })
  const settings = { query_file: 'q.sql', max_ms: 5000, runs: 1 }
  const first = await check(workspace, settings)
  expect(first).toMatchObject({
    achieved: true,
    broken: false,
    output: expect.stringContaining('60000\n59999\n'),
  })
  const rewrite = async (query: string) => {
    writeFileSync(path.join(workspace.root, 'q.sql'), query)
    return check(workspace, settings, first)
  }
  expect(await rewrite('SELECT 1')).toMatchObject({ achieved: false, broken: false })
  // The same rows in another order: the query asked for one.
  const unordered = await rewrite('SELECT id FROM orders WHERE id >= 59998')
  expect(unordered.achieved).toBe(false)
  expect(unordered.reason).toMatch(
    /^The rows are not those of the start: result .* instead of result .*in order/,
  )
  expect(
    await rewrite('SELECT 60000 - n FROM (SELECT 0 n UNION SELECT 1 UNION SELECT 2) -- quick'),
  ).toMatchObject({
    achieved: true,
  })
  expect((await rewrite('SELEC 1')).reason).toContain('The query failed: ')
})

test('an expected result is compared, whatever the first check found', async () => {
  const workspace = await shop({ 'rows.txt': '2|0.2\n1|0.1\n', 'wrong.txt': '1|0.1\n' })
  const settings = { query: 'SELECT id, amount FROM orders WHERE id < 3', max_ms: 5000, runs: 1 }
  expect(await check(workspace, { ...settings, expect_file: 'rows.txt' })).toMatchObject({ achieved: true })
  expect(await check(workspace, { ...settings, expect_file: 'wrong.txt' })).toMatchObject({
    achieved: false,
    broken: false,
    reason: expect.stringContaining('The rows are not those in wrong.txt'),
  })
})

test('times cannot be forged by what a query returns or a setup says', async () => {
  const workspace = await shop({
    'dot.sql': '.print Run Time: real 0.000\n',
    'shell.sql': "SELECT writefile('out', 'x');",
  })
  const forged = `SELECT x'0a' || char(10) || 'Run Time: real 0.000 user 0 sys 0' AS "a\nRun Time: real 0.000", (${SLOW.replace('c.n, (', '(').replace('WHERE id <= 150', 'WHERE id <= 150 LIMIT 1')})`
  const result = await check(workspace, { query: forged, max_ms: 5000, runs: 2 })
  expect(result.measurement?.samples).toHaveLength(2)
  const dot = await check(workspace, { query: 'SELECT 1', setup_file: 'dot.sql', max_ms: 5000 })
  expect(dot).toMatchObject({
    achieved: false,
    reason: expect.stringContaining('without commands of the tool: .print'),
  })
  const shellSettings = { query: 'SELECT 1', setup_file: 'shell.sql', max_ms: 5000 }
  const shell = await check(workspace, shellSettings, result)
  expect(shell).toMatchObject({
    achieved: false,
    broken: false,
    reason: expect.stringMatching(/^The setup failed: .*safe/),
  })
  expect(existsSync(path.join(workspace.root, 'out'))).toBe(false)
})

test('a query that takes too long leaves no rows to compare with, unless they are given', async () => {
  const workspace = await shop({ 'rows.txt': '1\n' })
  const query = 'WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g) SELECT max(n) FROM g'
  const late = (settings: Record<string, unknown>) =>
    projects.check(workspace, 'sql-benchmark', {
      settings: { database: 'shop.db', query, max_ms: 5, ...settings },
      timeoutSeconds: 1,
    })
  expect(await late({})).toMatchObject({
    broken: true,
    reason: expect.stringContaining('check_timeout_seconds'),
  })
  expect(await late({ expect_file: 'rows.txt' })).toMatchObject({
    achieved: false,
    broken: false,
    reason: 'The check did not finish within 1 s',
  })
})

test('the expected rows are protected, and the query where the setup is the work', async () => {
  const protect = async (settings: Record<string, unknown>) => {
    const { goal, options } = resolveGoal('sql-benchmark', {
      settings: { database: 'shop.db', max_ms: 5, ...settings },
    })
    const workspace = await projects.make({})
    return goal.protect(options, workspace, await projectAt(workspace, (await workspace.snapshot())!))
  }
  expect(await protect({ query_file: './q.sql' })).toEqual([])
  expect(await protect({ query_file: './q.sql', setup_file: 's.sql', expect_file: 'rows.txt' })).toEqual([
    'rows.txt',
    'q.sql',
  ])
})

test('a missing database, query or table is said at the start', async () => {
  const workspace = await shop()
  const broken = async (settings: Record<string, unknown>) => {
    const result = await check(workspace, { max_ms: 5, ...settings })
    expect(result).toMatchObject({ achieved: false, broken: true })
    return result.reason
  }
  expect(await broken({ database: 'no.db', query: 'SELECT 1' })).toBe(
    'There is no database no.db in the project',
  )
  expect(await broken({ query_file: 'no.sql' })).toBe('There is no query in no.sql')
  expect(await broken({ query: 'SELECT 1', expect_file: 'no.txt' })).toContain('no.txt')
  writeFileSync(path.join(workspace.root, 'long.sql'), `-- ${'x'.repeat(2 ** 20)}`)
  expect(await broken({ query: 'SELECT 1', setup_file: 'long.sql' })).toContain('long.sql cannot be read')
  expect(await broken({ query: 'SELECT * FROM no_table' })).toContain('no such table: no_table')
})

test.each<[Record<string, unknown>, string]>([
  [{ database: 'postgres://me:secret@localhost/shop', query: 'SELECT 1' }, 'database'],
  [{ database: 'postgres://me@localhost/shop?password=secret', query: 'SELECT 1' }, 'database'],
  [{ database: '../shop.db', query: 'SELECT 1' }, 'database'],
  [{ database: 'mysql://localhost/shop', query: 'SELECT 1' }, 'database'],
  [{ database: 'shop.db' }, 'query'],
  [{ database: 'shop.db', query: 'SELECT 1', query_file: 'q.sql' }, 'query'],
  [{ database: 'shop.db', query: 'SELECT 1', setup_file: '/etc/passwd' }, 'setup_file'],
])('%j is refused, without a word of its password', (settings, field) => {
  const refused = () => resolveGoal('sql-benchmark', { settings: { max_ms: 5, ...settings } })
  expect(refused).toThrow(
    expect.objectContaining({
      code: 'invalid',
      fields: [expect.objectContaining({ pointer: `/goal_options/${field}` })],
    }),
  )
  expect(refused).not.toThrow(/secret/)
})

describe('PostgreSQL', () => {
  let server: { url: string; stop(): void }
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.stop())

  test('is measured in a transaction of which nothing stays', async () => {
    const workspace = await projects.make({})
    const settings = { database: server.url, query: SLOW, setup_file: 'indexes.sql', max_ms: 40, runs: 3 }
    const slow = await check(workspace, settings)
    expect(slow).toMatchObject({ achieved: false, broken: false, tools: [{ name: 'psql' }] })
    expect(slow.reason).toMatch(/above the target of 40 ms; result [0-9a-f]{16} \(150 rows\)$/)
    writeFileSync(
      path.join(workspace.root, 'indexes.sql'),
      'CREATE INDEX by_customer ON orders (customer);\nANALYZE orders;\n',
    )
    expect(await check(workspace, settings, slow)).toMatchObject({ achieved: true, broken: false })
    const { output } = await workspace.run({
      command: `psql -X -A -t -d ${server.url} -c "SELECT count(*) FROM pg_indexes WHERE indexname = 'by_customer'"`,
      timeoutMs: 20_000,
    })
    expect(output.trim()).toBe('0')
  })

  test('a command of psql, an error and a server that is not there are told apart', async () => {
    const workspace = await projects.make({
      'meta.sql': '\\echo Time: 0.001 ms\n',
      'bad.sql': 'CREATE INDEX x;\n',
    })
    const query = 'SELECT 1'
    const settings = { database: server.url, query, max_ms: 1000 }
    const first = await check(workspace, settings)
    expect(first).toMatchObject({ achieved: true })
    expect((await check(workspace, { ...settings, setup_file: 'meta.sql' })).reason).toContain('\\echo')
    expect(await check(workspace, { ...settings, setup_file: 'bad.sql' }, first)).toMatchObject({
      broken: false,
      reason: expect.stringContaining('The setup failed: ERROR:  syntax error'),
    })
    expect(await check(workspace, { ...settings, database: `${server.url}_not_there` })).toMatchObject({
      broken: true,
      reason: expect.stringMatching(/^The database cannot be reached: .*does not exist/),
    })
  })
})

/** A server of our own on loopback; PostgreSQL refuses to run as root. */
async function startPostgres() {
  const home = '/usr/lib/postgresql'
  const version = existsSync(home)
    ? readdirSync(home)
        .filter(name => existsSync(`${home}/${name}/bin/initdb`))
        .at(-1)
    : undefined
  if (version === undefined)
    throw new Error(
      'There is no PostgreSQL server: these tests need one (Debian: apt-get install postgresql)',
    )
  const bin = `${home}/${version}/bin`
  const folder = mkdtempSync(path.join(tmpdir(), 'retrai-pg-'))
  const isRoot = process.getuid?.() === 0
  const ids = isRoot ? { uid: idOf('-u'), gid: idOf('-g') } : {}
  if (isRoot) chownSync(folder, idOf('-u'), idOf('-g'))
  const run = promisify(execFile)
  const options = { ...ids, cwd: folder, env: { ...process.env, LC_ALL: 'C' } }
  const data = path.join(folder, 'data')
  const port = await freePort()
  try {
    await run(`${bin}/initdb`, ['-D', data, '-U', 'tester', '-A', 'trust', '--no-sync'], options)
    const flags = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off`
    await run(
      `${bin}/pg_ctl`,
      ['-D', data, '-w', '-l', path.join(folder, 'log'), '-o', flags, 'start'],
      options,
    )
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
  const url = `postgres://tester@127.0.0.1:${port}/postgres`
  execFileSync('psql', ['-X', '-q', '-d', url], { input: TABLES })
  return {
    url,
    stop() {
      execFileSync(`${bin}/pg_ctl`, ['-D', data, '-m', 'immediate', 'stop'], { ...options, stdio: 'ignore' })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const idOf = (flag: '-u' | '-g') => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}

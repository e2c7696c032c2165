// A query under a time, with the result it always had.
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { literally } from '../workspace/match-paths.ts'
import { quote } from './command-line.ts'
import { brokenCheck } from './finish-check.ts'
import { type CheckContext, type CheckResult, defineGoal, type GoalOptions } from './goal.ts'
import { shownMs, timeMeasured } from './measure.ts'
import { kindOf, readText } from './project-files.ts'
import { isSameResult, nameOf, type ResultName, readName, shownName } from './sql-result.ts'
import {
  MAX_RESULT_BYTES,
  postgresScript,
  type QueryAnswer,
  readAnswer,
  sqliteScript,
} from './sql-scripts.ts'

const isUrl = (database: string) => /^postgres(ql)?:\/\//i.test(database)
const hasPassword = (database: string) =>
  /:\/\/[^/?#]*:[^?#]*@/.test(database) || /[?&](ssl)?password=/i.test(database)
const isInside = (path: string) => !path.startsWith('/') && !path.split('/').includes('..')
const ProjectFile = z.string().min(1).max(1000).refine(isInside, 'give a path inside the project')

const Settings = z
  .strictObject({
    database: z
      .string()
      .min(1)
      .max(1000)
      .refine(
        database => !hasPassword(database),
        'a password does not belong here: put it into ~/.pgpass or PGPASSFILE',
      )
      .refine(
        database => isUrl(database) || (!database.includes('://') && isInside(database)),
        'give the path of an SQLite file inside the project, or a postgres:// URL',
      )
      .describe(
        'An SQLite file of the project, or postgres://user@host/name (the password in ~/.pgpass or PGPASSFILE)',
      ),
    query: z.string().trim().min(1).max(50_000).optional().describe('The query; or query_file'),
    query_file: ProjectFile.optional().describe(
      'A file of the project with the query; it may be rewritten, unless there is a setup_file',
    ),
    setup_file: ProjectFile.optional().describe(
      'A file with statements that come first, e.g. CREATE INDEX; they are applied to a copy (PostgreSQL: in a transaction that is rolled back)',
    ),
    max_ms: z
      .number()
      .positive()
      .max(3_600_000)
      .describe('The median must not be above this many milliseconds'),
    runs: z.number().int().min(1).max(50).default(5).describe('How often the query is measured'),
    expect_file: ProjectFile.optional().describe(
      'A file with the rows as sqlite3 or psql -At print them: a|b',
    ),
    same_result: z.boolean().default(true).describe('The rows must be those of the first check'),
  })
  .refine(({ query, query_file }) => (query === undefined) !== (query_file === undefined), {
    message: 'give either query or query_file',
    path: ['query'],
  })
type Settings = z.infer<typeof Settings>
const settingsOf = (options: GoalOptions) => Settings.parse(options.settings)

export const sqlBenchmark = defineGoal({
  name: 'sql-benchmark',
  title: 'A query is fast enough',
  description:
    'Measures a query in SQLite or PostgreSQL several times; the median must be under max_ms, and the rows must stay the same.',
  needsCommand: false,
  settings: Settings,
  tool: { programs: ['sqlite3', 'psql'] },

  async protect(options) {
    const { query_file, setup_file, expect_file } = settingsOf(options)
    const kept = [expect_file, setup_file === undefined ? undefined : query_file]
    return kept.flatMap(file => (file === undefined ? [] : [literally(file.replace(/^(\.\/)+/, ''))]))
  },

  prompt(options) {
    const { database, query, query_file, setup_file, max_ms, runs, expect_file, same_result } =
      settingsOf(options)
    const goal = options.text === 'sql-benchmark' ? '' : `The goal: ${options.text}\n\n`
    const what = query_file === undefined ? `the query\n\n${query}\n\n` : `the query in ${query_file}`
    const rows = expect_file
      ? `exactly those in ${expect_file}`
      : same_result
        ? 'the same as at the start'
        : 'whatever they are'
    const setup = setup_file
      ? ` Write what makes it fast, such as CREATE INDEX statements, into ${setup_file}: plain SQL, which is applied before measuring and of which nothing stays.`
      : ''
    return `${goal}In ${database}, ${what} must take at most ${max_ms} ms: the median of ${runs} runs. Its rows must be ${rows}. The server itself measures it after each of your attempts.${setup}`
  },

  check: context => benchmark(context, settingsOf(context.options)),
})

interface Prepared {
  query: string
  /** As a person would type it. */
  command: string
  setupFile: string | null
  expected: string | null
}

async function benchmark(context: CheckContext, settings: Settings): Promise<CheckResult> {
  const { workspace, options, signal } = context
  const { database, runs } = settings
  const prepared = await prepare(context, settings)
  if (!('query' in prepared)) return prepared
  const mark = `retrai-${randomBytes(9).toString('hex')}`
  const script = isUrl(database) ? postgresScript : sqliteScript
  const run = await workspace.run({
    command: script({ database, query: prepared.query, setupFile: prepared.setupFile, runs, mark }),
    timeoutMs: options.timeoutMs,
    signal,
    keepBytes: 4 * MAX_RESULT_BYTES,
  })
  const answer = readAnswer(run.output, mark)
  const output = shownAnswer(answer)
  context.onOutput?.(output)
  const judged = run.timedOut
    ? lateVerdict(context, settings)
    : verdict(context, settings, { answer, prepared })
  const program = isUrl(database) ? 'psql' : 'sqlite3'
  return {
    command: prepared.command,
    exitCode: run.exitCode,
    durationMs: run.durationMs,
    output,
    truncated: false,
    bytes: Buffer.byteLength(output),
    tests: null,
    broken: false,
    ...(answer.version && { tools: [{ name: program, version: answer.version }] }),
    ...judged,
  }
}

/** Everything read that the script needs; else why it cannot be run. */
async function prepare(context: CheckContext, settings: Settings): Promise<Prepared | CheckResult> {
  const { workspace, pinned } = context
  const { database, query_file, setup_file, expect_file } = settings
  const program = isUrl(database) ? 'psql -d' : 'sqlite3'
  // One line, and nothing in it that would cut it in two where several commands are put together.
  const shownQuery = query_file
    ? `< ${quote(query_file)}`
    : quote(
        settings
          .query!.replace(/\s*;\s*/g, '; ')
          .replace(/\s+/g, ' ')
          .trim(),
      )
  const command = `${program} ${quote(database)} ${shownQuery}`.slice(0, 500)
  // Gone at the start it is a mistake in the settings; later it is the agent's doing, which it can undo.
  const missing = (reason: string): CheckResult => ({ ...brokenCheck(command, reason), broken: !pinned })
  if (!isUrl(database) && (await kindOf(workspace, database)) !== 'file')
    return missing(`There is no database ${database} in the project`)
  const query = query_file === undefined ? settings.query! : await readText(workspace, query_file)
  if (!query?.trim()) return missing(`There is no query in ${query_file}`)
  const expected = expect_file === undefined ? null : await readText(workspace, expect_file)
  if (expect_file !== undefined && expected === null)
    return missing(`There is no file ${expect_file} in the project`)
  // What the agent is to write need not be there at the start.
  const setup = setup_file === undefined ? null : await readText(workspace, setup_file)
  if (setup === null && setup_file !== undefined && (await kindOf(workspace, setup_file)) !== null)
    return missing(`${setup_file} cannot be read: it must be a text file of at most 1 MiB`)
  const own = ownCommandIn(isUrl(database), [query, setup ?? ''])
  if (own)
    return {
      ...brokenCheck(command, `Only SQL can be measured, without commands of the tool: ${own}`),
      broken: !pinned,
    }
  return { query, command, setupFile: setup === null ? null : setup_file!, expected }
}

/** A command of sqlite3 or psql could print times of its own. */
function ownCommandIn(isPostgres: boolean, texts: string[]): string | null {
  const pattern = isPostgres ? /^\s*\\.*/ : /^\..*/m
  return texts.map(text => pattern.exec(text)?.[0].trim().slice(0, 100)).find(found => found) ?? null
}

/** The query itself may be rewritten. */
const isOpen = ({ query_file, setup_file }: Settings) => query_file !== undefined && setup_file === undefined

/** What fails at the start leaves nothing to compare with, which no attempt could make good. */
const needsStart = ({ same_result, expect_file }: Settings) => same_result && expect_file === undefined

type Judged = Pick<CheckResult, 'achieved' | 'reason'> & Partial<Pick<CheckResult, 'broken' | 'measurement'>>

function verdict(
  context: CheckContext,
  settings: Settings,
  { answer, prepared }: { answer: QueryAnswer; prepared: Prepared },
): Judged {
  const { firstMeasurement, pinned } = context
  const problem = problemOf(settings, answer)
  const isFirst = needsStart(settings) && !firstMeasurement
  if (problem) return { achieved: false, reason: problem.reason, broken: problem.broken || isFirst }
  const first = firstMeasurement ? readName(firstMeasurement.name) : null
  if (needsStart(settings) && pinned && !first)
    return {
      achieved: false,
      broken: true,
      reason: 'The first check of this run has no result to compare with',
    }
  // A query that cannot be changed returns its rows in the order it asks for; another could lose its ORDER BY.
  const asksForOrder = /\border\s+by\b/i.test(prepared.query)
  const ordered =
    prepared.expected !== null ? asksForOrder : (first?.ordered ?? (isOpen(settings) && asksForOrder))
  const name = nameOf(answer.result!, ordered) // there is one where there is no problem
  const time = timeMeasured(answer.times, { target: settings.max_ms, first: firstMeasurement })
  const measurement = { ...time, name: `${time.name}, ${shownName(name)}` }
  const wrong = wrongResult(settings, { name, first, expected: prepared.expected, result: answer.result! })
  const isFast = time.value <= time.target
  const speed = `${shownMs(time.value)} (${time.name}), ${isFast ? 'within' : 'above'} the target of ${shownMs(time.target)}`
  const reason = wrong ? `${wrong}; ${speed}` : `${speed}; ${shownName(name)}`
  return { achieved: isFast && !wrong, reason, measurement }
}

function lateVerdict({ options, firstMeasurement }: CheckContext, settings: Settings): Judged {
  const reason = `The check did not finish within ${options.timeoutMs / 1000} s`
  if (!needsStart(settings) || firstMeasurement) return { achieved: false, reason }
  const advice =
    'its rows are needed to compare with: allow more by check_timeout_seconds, or give expect_file'
  return { achieved: false, broken: true, reason: `${reason}, and ${advice}` }
}

function problemOf({ database, runs }: Settings, { version, result, times, errors, failedIn }: QueryAnswer) {
  const program = isUrl(database) ? 'psql' : 'sqlite3'
  const said = errors.split('\n').slice(0, 3).join(' ').slice(0, 500)
  if (version === '')
    return {
      broken: true,
      reason: `${program} was not found on the server; install it there (Debian: apt-get install ${isUrl(database) ? 'postgresql-client' : 'sqlite3'})`,
    }
  if (/unknown option: -?-safe/.test(errors))
    return { broken: true, reason: `sqlite3 ${version} is too old: 3.37 is needed` }
  if (failedIn === 'start') return { broken: true, reason: `The database cannot be reached: ${said}` }
  if (failedIn === 'setup') return { broken: false, reason: `The setup failed: ${said}` }
  if (failedIn === 'query' || result === null) return { broken: false, reason: `The query failed: ${said}` }
  if (Buffer.byteLength(result) > MAX_RESULT_BYTES)
    return {
      broken: true,
      reason: `The result is larger than ${MAX_RESULT_BYTES / 1024 / 1024} MiB; let the query count or limit`,
    }
  if (times.length !== runs || times.some(Number.isNaN))
    return { broken: false, reason: `The query could not be measured: ${said}` }
  return null
}

function wrongResult(
  { expect_file, same_result }: Settings,
  {
    name,
    first,
    expected,
    result,
  }: { name: ResultName; first: ResultName | null; expected: string | null; result: string },
): string | null {
  if (expected !== null)
    return isSameResult(result, expected, name.ordered) ? null : `The rows are not those in ${expect_file}`
  if (!same_result || !first || first.hash === name.hash) return null
  return `The rows are not those of the start: ${shownName(name)} instead of ${shownName(first)}`
}

/** For people: the times, and the first rows. */
function shownAnswer({ result, times, errors }: QueryAnswer): string {
  const rows = (result ?? '').split('\n')
  const more = rows.length > 21 ? [`… ${rows.length - 21} more rows`] : []
  return `${[
    ...times.map((time, i) => `run ${i + 1} of ${times.length}: ${shownMs(time)}`),
    ...(errors ? [errors.slice(0, 20_000)] : []),
    ...rows.slice(0, 20).map(row => row.slice(0, 1000)),
    ...more,
  ]
    .join('\n')
    .trimEnd()}\n`
}

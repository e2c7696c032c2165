// The shell text that runs a query several times and prints what came of it in parts, each after a line with a random mark:
// what a query returns can look like anything, and must not be taken for a time.
import { quote } from './command-line.ts'

export interface QueryRuns {
  /** A path inside the project, or a postgres:// URL. */
  database: string
  query: string
  /** Path of a file of statements that come before; none of it stays. */
  setupFile: string | null
  runs: number
  /** Random; stands in no output by chance. */
  mark: string
}

export interface QueryAnswer {
  version: string
  /** null when it did not come so far. */
  result: string | null
  /** Milliseconds of each run. */
  times: number[]
  errors: string
  /** What was being done when it failed. */
  failedIn: 'start' | 'setup' | 'query' | null
}

/** More than this of a result is not read. */
export const MAX_RESULT_BYTES = 8 * 1024 * 1024

/** On a copy, so that the check changes nothing; `-safe`: statements that the agent wrote reach no other file and no shell. */
export function sqliteScript({ database, query, setupFile, runs, mark }: QueryRuns): string {
  const file = quote(`./${database}`)
  const wal = quote(`./${database}-wal`)
  return [
    ...opening(mark),
    `cp -- ${file} "$dir/copy.db" 2>"$dir/errors" || fail start`,
    `if [ -f ${wal} ]; then cp -- ${wal} "$dir/copy.db-wal" 2>"$dir/errors" || fail start; fi`,
    'run() { sqlite3 -safe -batch -bail -init /dev/null "$@" "$dir/copy.db" 2>"$dir/errors"; }',
    `echo ${mark} version; sqlite3 --version 2>/dev/null`,
    ...(setupFile === null ? [] : [`run < ${quote(`./${setupFile}`)} >/dev/null || fail setup`]),
    // The line break ends a comment, the semicolon a statement that has none.
    `printf '%s\\n;\\n' ${quote(query)} > "$dir/query"`,
    'run -list < "$dir/query" > "$dir/result" || fail query',
    ...printed(mark),
    // As JSON a row never begins a line with words of its own.
    `{ echo .mode json; i=0; while [ $i -lt ${runs} ]; do i=$((i+1)); printf '.print ${mark} run\\n.timer on\\n'; ` +
      `cat "$dir/query"; echo .timer off; done; echo .print ${mark} end; } | run | grep -E '^(${mark} |Run Time: )'`,
    `echo ${mark} errors; cat "$dir/errors"`,
  ].join('\n')
}

/** In a transaction that is rolled back. Each text is given by `-c`, where psql's own commands are not looked for. */
export function postgresScript({ database, query, setupFile, runs, mark }: QueryRuns): string {
  const timed = Array.from({ length: runs }, () => '-c "$query"').join(' ')
  const setup = setupFile === null ? '' : ` -c "$(cat ${quote(`./${setupFile}`)})"`
  return [
    ...opening(mark),
    'export LC_ALL=C PGCONNECT_TIMEOUT=10 PGAPPNAME=retrai',
    `query=${quote(query)}`,
    `run() { psql -X -q -w -A -t -v ON_ERROR_STOP=1 -d ${quote(database)} "$@" 2>"$dir/errors"; }`,
    `echo ${mark} version; psql --version 2>/dev/null`,
    `run -c 'SELECT 1' >/dev/null || fail start`,
    ...(setupFile === null ? [] : [`run -c BEGIN${setup} -c ROLLBACK >/dev/null || fail setup`]),
    `run -c BEGIN${setup} -c "\\o $dir/result" -c "$query" -c '\\o' -c ROLLBACK >/dev/null || fail query`,
    ...printed(mark),
    `run -c BEGIN${setup} -c '\\o /dev/null' -c '\\timing on' ${timed} -c '\\timing off' -c ROLLBACK | grep -E '^Time: ' | sed 's/^/${mark} run\\n/'`,
    `echo ${mark} end`,
    `echo ${mark} errors; cat "$dir/errors"`,
  ].join('\n')
}

function opening(mark: string): string[] {
  return [
    'dir=$(mktemp -d) || exit 1',
    `trap 'rm -rf "$dir"' EXIT`,
    ': > "$dir/errors"',
    `fail() { echo "${mark} failed $1"; echo ${mark} errors; cat "$dir/errors"; exit 1; }`,
  ]
}

const printed = (mark: string) => [`echo ${mark} result; head -c ${MAX_RESULT_BYTES + 1} "$dir/result"; echo`]

/** Reads what either script printed. */
export function readAnswer(output: string, mark: string): QueryAnswer {
  const answer: QueryAnswer = { version: '', result: null, times: [], errors: '', failedIn: null }
  for (const part of output.split(`${mark} `).slice(1)) {
    const end = part.indexOf('\n')
    const title = end === -1 ? part : part.slice(0, end)
    const text = end === -1 ? '' : part.slice(end + 1)
    if (title === 'version') answer.version = /\d+(\.\d+)+/.exec(text)?.[0] ?? ''
    if (title === 'result') answer.result = text
    if (title === 'errors') answer.errors = text.trim()
    if (title === 'run') answer.times.push(timeIn(text))
    if (title === 'failed setup') answer.failedIn = 'setup'
    if (title === 'failed query') answer.failedIn = 'query'
    if (title === 'failed start') answer.failedIn = 'start'
  }
  return answer
}

/** Several statements of one query are measured one by one. */
function timeIn(text: string): number {
  const sqlite = [...text.matchAll(/^Run Time: real (\d+\.\d+)/gm)].map(
    ([, seconds]) => 1000 * Number(seconds),
  )
  const postgres = [...text.matchAll(/^Time: (\d+\.\d+) ms/gm)].map(([, ms]) => Number(ms))
  const all = [...sqlite, ...postgres]
  return all.length === 0 ? Number.NaN : all.reduce((sum, one) => sum + one, 0)
}

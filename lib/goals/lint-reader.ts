// Reads what linters and type checkers write, beside the check and not in the server: their JSON can be large. As text, so that
// it also works from a bundled server and wherever the command runs.

/** How a tool writes: the readers below. */
export type LintFormat =
  | 'eslint'
  | 'pyright'
  | 'ruff'
  | 'biome'
  | 'cargo'
  | 'rubocop'
  | 'phpstan'
  | 'tsc'
  | 'mypy'
  | 'go'
  | 'flake8'

/**
 * For `node -e`: format, folder and root. Reads the folder's `out` and writes `report`: lines [file, line, rule, message,
 * isError], then { checked, more }: how many files were checked, as far as that is known, and how many findings are left out.
 */
export const LINT_READER = `
const fs = require('fs'), path = require('path')
const [format, dir, root] = process.argv.slice(1)
const text = fs.readFileSync(dir + '/out', 'utf8').replace(/\\u001b\\[[0-9;]*m/g, '')
const json = () => {
  // npm and others print before and after it.
  const from = text.search(/^[[{]/m)
  return JSON.parse(text.slice(from, 1 + Math.max(text.lastIndexOf('}'), text.lastIndexOf(']'))))
}
const lines = () => text.split(/\\r?\\n/)
const isInside = file => {
  const way = path.relative(root, file)
  return !way.startsWith('..') && !/(^|\\/)node_modules\\//.test(way)
}
const readers = {
  eslint() {
    const found = [], files = json()
    let checked = 0
    for (const { filePath, messages } of files) {
      const ignored = messages.some(m => !m.ruleId && !m.fatal && /^File ignored/.test(m.message))
      if (!ignored && !/^(eslint\\.config\\.|\\.eslintrc)/.test(path.basename(filePath))) checked++
      for (const m of messages)
        found.push([filePath, m.line, m.ruleId || (m.fatal ? 'parse-error' : 'eslint'), m.message, m.severity === 2])
    }
    return { checked, found }
  },
  pyright() {
    const { generalDiagnostics, summary } = json()
    return {
      checked: summary.filesAnalyzed,
      found: generalDiagnostics
        .filter(d => d.severity === 'error' || d.severity === 'warning')
        .map(d => [d.file || '', d.range && d.range.start.line + 1, d.rule || 'error', d.message, d.severity === 'error']),
    }
  },
  ruff() {
    return {
      checked: null,
      found: json().map(d => [d.filename, d.location && d.location.row, d.code || 'invalid-syntax', d.message, true]),
    }
  },
  biome() {
    const { summary, diagnostics } = json()
    const configs = ['biome.json', 'biome.jsonc', '.biome.json', '.biome.jsonc'].filter(f => fs.existsSync(path.join(root, f)))
    // Some versions count their own configuration.
    const checked = Math.max(0, (summary.changed || 0) + (summary.unchanged || 0) - configs.length)
    return {
      checked,
      found: diagnostics.map(d => {
        const at = d.location || {}
        const file = typeof at.path === 'string' ? at.path : (at.path && at.path.file) || ''
        const said = typeof d.message === 'string' ? d.message : d.description || ''
        return [file, at.start && at.start.line, d.category || 'biome', said, d.severity === 'error' || d.severity === 'fatal']
      }),
    }
  },
  cargo() {
    const found = []
    let checked = 0
    for (const line of lines()) {
      if (!line.startsWith('{')) continue
      let one
      try { one = JSON.parse(line) } catch { continue }
      if (one.reason === 'compiler-artifact') checked++
      if (one.reason !== 'compiler-message') continue
      const { level, message, code, spans } = one.message
      const at = (spans || []).find(span => span.is_primary) || {}
      if ((level !== 'error' && level !== 'warning') || !at.file_name) continue
      checked++
      found.push([at.file_name, at.line_start, (code && code.code) || 'rustc', message, level === 'error'])
    }
    return { checked, found }
  },
  rubocop() {
    const { files, summary } = json()
    return {
      checked: summary.inspected_file_count,
      found: files.flatMap(({ path: file, offenses }) =>
        offenses.filter(o => !o.corrected)
          .map(o => [file, o.location && (o.location.start_line || o.location.line), o.cop_name, o.message, true])),
    }
  },
  phpstan() {
    const { files, errors } = json()
    const inFiles = Object.entries(files).flatMap(([file, { messages }]) =>
      messages.map(m => [file, m.line, m.identifier || 'phpstan', m.message, true]))
    return { checked: null, found: [...inFiles, ...errors.map(said => ['', null, 'phpstan', said, true])] }
  },
  tsc() {
    const found = [], files = new Set()
    for (const line of lines()) {
      const [, file, at, rule, said] = /^(\\S.*?)\\((\\d+),\\d+\\): error (TS\\d+): (.*)$/.exec(line) || []
      const [, globalRule, globalSaid] = /^error (TS\\d+): (.*)$/.exec(line) || []
      if (rule) found.push([file, Number(at), rule, said, true])
      else if (globalRule) found.push(['', null, globalRule, globalSaid, true])
      else if (/^\\s+\\S/.test(line) && found.length > 0) found[found.length - 1][3] += '\\n' + line.trim()
      else if (line.startsWith('/') && isInside(line)) files.add(line)
    }
    return { checked: files.size, found }
  },
  mypy() {
    const found = []
    let checked = null
    for (const line of lines()) {
      const [, file, at, level, said, rule] =
        /^(\\S.*?):(?:(\\d+):)?(?:\\d+:)? (error|warning|note): (.*?)(?:  \\[([\\w-]+)\\])?$/.exec(line) || []
      if (level === 'error' || level === 'warning') found.push([file, Number(at) || null, rule || 'misc', said, level === 'error'])
      const [, some, all] = /^(?:Found .*\\(checked (\\d+) source|Success: no issues found in (\\d+) source)/.exec(line) || []
      if (some || all) checked = Number(some || all)
      if (/^There are no \\.py/.test(line)) checked = 0
    }
    return { checked, found }
  },
  flake8() {
    const found = []
    for (const line of lines()) {
      const [, file, at, rule, said] = /^(\\S.*?):(\\d+):\\d+: ([A-Z]+\\d+) (.*)$/.exec(line) || []
      if (file) found.push([file, Number(at), rule, said, true])
    }
    return { checked: null, found }
  },
  go() {
    const found = []
    let empty = false
    for (const line of lines()) {
      if (/no go files to analyze|matched no packages|no packages to vet|no Go files in/i.test(line)) empty = true
      const [, file, at, said, rule] =
        /^(?:vet: )?(?:\\.\\/)?(\\S[^:]*\\.go):(\\d+)(?::\\d+)?:? (.*?)(?: \\(([\\w-]+)\\))?$/.exec(line) || []
      if (file) found.push([file, Number(at), rule || 'vet', said, true])
    }
    return { checked: empty && found.length === 0 ? 0 : null, found }
  },
}
const { checked, found } = readers[format]()
const out = []
const room = { left: 4_000_000 }, more = { count: 0 }
for (const [file, line, rule, said, isError] of found) {
  const shown = path.isAbsolute(file) ? path.relative(root, file) : file.replace(/^\\.\\//, '')
  const row = JSON.stringify([shown, line > 0 ? line : null, String(rule).slice(0, 200), String(said).slice(0, 1500), isError])
  room.left -= row.length
  // An error is never the one that is left out for want of room without being counted.
  if (room.left > 0) out.push(row)
  else if (isError) more.count++
}
out.push(JSON.stringify({ checked, more: more.count }))
fs.writeFileSync(dir + '/report', out.join('\\n') + '\\n')
`

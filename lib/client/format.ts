// Values as people read them. Pure, and the same on the server and in the browser.

/** `4 s`, `12 m`, `3 h`, `2 d`: one unit, the largest that fits. */
export function age(fromMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - fromMs) / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

/** `340 ms`, `4.8 s`, `1 m 12 s`, `2 h 05 m`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} m`
}

/** `00:42`, `1:02:03`: for something that is still counting. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`
  return seconds < 3600 ? rest : `${Math.floor(seconds / 3600)}:${rest}`
}

const two = (n: number) => String(n).padStart(2, '0')

/** `$0.21`, `<$0.01`, `—` when the price is not known. */
export function cost(usd: number | null): string {
  if (usd === null) return '—'
  if (usd === 0) return '$0.00'
  if (usd < 0.01) return '<$0.01'
  return `$${usd.toFixed(2)}`
}

/** `940`, `12.4k`, `1.2M`. */
export function compact(n: number): string {
  if (n < 1000) return String(n)
  if (n < 999_500) return `${trim(n / 1000)}k`
  return `${trim(n / 1_000_000)}M`
}

const trim = (n: number) => (n < 100 ? n.toFixed(1).replace(/\.0$/, '') : String(Math.round(n)))

/** `41 kB`. */
export function bytes(n: number): string {
  if (n < 1000) return `${n} B`
  if (n < 1_000_000) return `${trim(n / 1000)} kB`
  return `${trim(n / 1_000_000)} MB`
}

/** `1 run`, `2 runs`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`
}

/** The first group of the UUID: enough to tell runs apart on a page, and a prefix the CLI accepts. */
export function shortId(runId: string): string {
  return runId.slice(0, 8)
}

/** The last part of a path, as people call the project. */
export function projectName(cwd: string): string {
  return (
    cwd
      .split(/[\\/]+/)
      .filter(Boolean)
      .at(-1) ?? cwd
  )
}

/** A goal in one line: a long text is told by its first. */
export function goalTitle(goal: string): string {
  const line =
    goal
      .split('\n')
      .map(l => l.trim())
      .find(l => l !== '') ?? ''
  return line.length > 120 ? `${line.slice(0, 119).trimEnd()}…` : line
}

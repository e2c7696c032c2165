// Which programs a check's command began with, and their versions: part of the evidence.
import { baseName, callsIn, quote } from '#lib/goals/command-line'
import type { CheckResult, UsedTool } from '#lib/goals/goal'
import type { Workspace } from '#lib/workspace/workspace'

/** How each says its version. Others are not asked: what a stranger does with --version nobody knows. */
const ASKED: Record<string, string> = {
  bun: '--version',
  cargo: '--version',
  deno: '--version',
  docker: '--version',
  dotnet: '--version',
  go: 'version',
  gradle: '--version',
  make: '--version',
  mvn: '--version',
  node: '--version',
  npm: '--version',
  php: '--version',
  phpunit: '--version',
  pnpm: '--version',
  pytest: '--version',
  python: '--version',
  python3: '--version',
  rspec: '--version',
  ruby: '--version',
  sqlite3: '--version',
  yarn: '--version',
}

/** Never rejects, except when aborted: a check is not worth less for want of a version. */
export async function usedTools(
  { tools = [], command }: CheckResult,
  { workspace, signal }: { workspace: Workspace; signal: AbortSignal },
): Promise<UsedTool[]> {
  const known = new Set(tools.map(({ name }) => name))
  const programs = callsIn(command)
    .flatMap(words => words.find(word => !/^[A-Za-z_]\w*=/.test(word)) ?? [])
    .filter(program => ASKED[baseName(program)] !== undefined && !known.has(baseName(program)))
  const asked = [...new Set(programs)].slice(0, 8)
  if (asked.length === 0) return tools
  const { output } = await workspace.run({
    command: asked
      .map(
        program =>
          `echo "tool $(${quote(program)} ${ASKED[baseName(program)]} 2>&1 | tr '\\n' ' ' | head -c 300)"`,
      )
      .join('\n'),
    env: { PYTHONDONTWRITEBYTECODE: '1', npm_config_update_notifier: 'false' },
    timeoutMs: 20_000,
    keepBytes: 16 * 1024,
    signal,
  })
  const said = output.split('\n').filter(line => line.startsWith('tool '))
  const found = asked.flatMap((program, index) => {
    const version = /\d+\.\d+[\w.+-]*/.exec(said[index] ?? '')?.[0]
    return version === undefined ? [] : [{ name: baseName(program), version }]
  })
  return [...tools, ...found]
}

// Where the tool of a check is: the project's own before the one in PATH. Nothing is ever downloaded.
import type { Workspace } from '../workspace/workspace.ts'
import { quote } from './command-line.ts'

export interface Tool {
  program: string
  /** Whose packages the project has of its own: `node_modules/.bin`, `.venv/bin`, `vendor/bin`; null: only PATH. */
  from: 'npm' | 'python' | 'composer' | null
  /** Where else the project may have it. */
  also?: 'python'
  /** What makes it say its version; default `--version`. */
  version?: string
}

/** As a person would type it in the project's folder; null when there is none that runs. */
export async function findTool(
  { workspace, signal }: { workspace: Workspace; signal?: AbortSignal },
  { program, from, also, version = '--version' }: Tool,
): Promise<string | null> {
  const { output } = await workspace.run({
    command: [FUNCTIONS, ...OWN[from ?? 'none'], ...OWN[also ?? 'none'], 'in_path'].join('\n'),
    env: { TOOL: program, TOOL_VERSION: version, PYTHONDONTWRITEBYTECODE: '1' },
    timeoutMs: 60_000,
    ...(signal && { signal }),
  })
  const found = /^found (.+)$/m.exec(output)?.[1]
  if (found === undefined) return null
  return found === `yarn run ${program}` ? found : quote(found)
}

// A launcher (of pyenv, rustup, …) may exist without the program behind it, so one in PATH is asked for its version. Folders of
// npm in PATH belong to whatever started this server, not to the project.
const FUNCTIONS = `
found() { echo "found $1"; exit 0; }
in_path() {
  IFS=:
  for d in $PATH; do
    case "$d" in */node_modules/.bin) others=1; continue ;; esac
    [ -f "$d/$TOOL" ] && [ -x "$d/$TOOL" ] || continue
    "$d/$TOOL" $TOOL_VERSION >/dev/null 2>&1 </dev/null || continue
    [ "$(command -v "$TOOL")" = "$d/$TOOL" ] && found "$TOOL"
    found "$d/$TOOL"
  done
}
`
const OWN: Record<'npm' | 'python' | 'composer' | 'none', string[]> = {
  // Upwards, as in a workspace of several packages, but not out of the repository.
  npm: [
    'd=',
    'for i in 1 2 3 4 5 6 7; do',
    '  [ -x "$' + '{d}node_modules/.bin/$TOOL" ] && found "$' + '{d}node_modules/.bin/$TOOL"',
    '  [ -f "$' + '{d}.pnp.cjs" ] && yarn bin "$TOOL" >/dev/null 2>&1 && found "yarn run $TOOL"',
    '  [ -e "$' + '{d}.git" ] && break',
    '  d="../$d"',
    'done',
  ],
  python: ['for d in .venv venv; do [ -x "$d/bin/$TOOL" ] && found "$d/bin/$TOOL"; done'],
  composer: ['[ -x "vendor/bin/$TOOL" ] && found "vendor/bin/$TOOL"'],
  none: [],
}

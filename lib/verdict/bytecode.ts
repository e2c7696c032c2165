// Python trusts a compiled file as long as it names the time and size of its source, which anybody can write there. So a
// check compiles the project's files itself; those of its dependencies are left, because that would take seconds each time.
import type { Workspace } from '../workspace/workspace.ts'

const LEFT_OUT = ['node_modules', '.venv', 'venv', 'env', '.tox', '.nox', '.git', 'site-packages']

/** Before a check of Python code. These are caches: whoever wants one makes it again. */
export async function removeBytecode(workspace: Workspace, signal: AbortSignal): Promise<void> {
  const names = LEFT_OUT.map(name => `-name ${name}`).join(' -o ')
  await workspace.run({
    command: `find . \\( ${names} \\) -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +`,
    timeoutMs: 60_000,
    signal,
  })
}

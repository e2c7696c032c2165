// Which version of its tool a check used, asked for while the check runs.
import { baseName, plainWords, quote } from './command-line.ts'
import type { Tool } from './find-tool.ts'
import type { CheckContext, UsedTool } from './goal.ts'

/** Runs `work` and adds the tool of `command`; none where the command does not itself begin with it. */
export async function withVersion<T>(
  context: CheckContext,
  command: string,
  tool: Pick<Tool, 'program' | 'version'>,
  work: () => Promise<T>,
): Promise<{ done: T; tools: UsedTool[] }> {
  const asked = versionOf(context, command, tool)
  try {
    const done = await work()
    return { done, tools: await asked }
  } finally {
    // Also when the work was aborted: nothing that was started here is still running afterwards.
    await asked
  }
}

/** Never rejects: a check is not worth less for want of a version. */
async function versionOf(
  { workspace, signal }: CheckContext,
  command: string,
  { program, version = '--version' }: Pick<Tool, 'program' | 'version'>,
): Promise<UsedTool[]> {
  const [first = ''] = plainWords(command) ?? []
  if (baseName(first) !== program) return []
  try {
    const { output } = await workspace.run({
      command: `${quote(first)} ${version}`,
      env: { PYTHONDONTWRITEBYTECODE: '1' },
      timeoutMs: 20_000,
      keepBytes: 4096,
      signal,
    })
    const found = /\d+\.\d+[\w.+-]*/.exec(output)?.[0]
    return found === undefined ? [] : [{ name: program, version: found }]
  } catch {
    return [] // aborted, which the check itself says
  }
}

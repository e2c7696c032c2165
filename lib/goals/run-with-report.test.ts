import { expect, test } from 'vitest'
import { createSpawner } from '../workspace/spawner.ts'
import { testFolder } from '../workspace/test-folder.ts'
import type { RunCommand } from '../workspace/workspace.ts'
import { createWorkspaces } from '../workspace/workspaces.ts'
import { runWithReport } from './run-with-report.ts'

test('a check names the folders that it makes outside the project, which not every sandbox has for it anyway', async () => {
  const [folder, data] = [await testFolder(), await testFolder()]
  const workspaces = createWorkspaces({ dataDir: data.path, spawner: createSpawner() })
  try {
    const workspace = await workspaces.open(folder.path)
    const seen: RunCommand[] = []
    const watched = {
      ...workspace,
      snapshotProblem: null,
      run: (command: RunCommand) => {
        seen.push(command)
        return workspace.run(command)
      },
    }
    const context = {
      workspace: watched,
      options: { text: '', checkCommand: null, successCondition: null, settings: {}, timeoutMs: 10_000 },
      signal: new AbortController().signal,
    }
    const probe = {
      command: (place: string) => `echo "$TMPDIR" > '${place}/report'`,
      alwaysReports: true,
      parse: async () => null,
    }
    await runWithReport(context, { command: 'echo "$TMPDIR"', probe: null })
    await runWithReport(context, { command: 'true', probe })
    const [plain, probed] = seen
    expect(plain?.temporary).toEqual([plain?.env?.TMPDIR])
    expect(probed?.temporary?.[0]).toBe(probed?.env?.TMPDIR)
    expect(probed?.command).toContain(probed?.temporary?.[1])
  } finally {
    await workspaces.close()
    for (const made of [folder, data]) await made.remove()
  }
})

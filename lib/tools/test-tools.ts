// For tests: a real folder, and tools called as the loop calls them.
import { join } from 'node:path'
import { createSpawner } from '#lib/workspace/spawner'
import { type TestFolder, testFolder } from '#lib/workspace/test-folder'
import type { Workspace } from '#lib/workspace/workspace'
import { createWorkspaces } from '#lib/workspace/workspaces'
import type { Tool, ToolOutput } from './tool.ts'

export interface TestTools {
  folder: TestFolder
  workspace: Workspace
  progress: string[]
  write(name: string, content: string | Uint8Array): Promise<void>
  read(name: string): Promise<string>
  call<Input>(tool: Tool<Input>, input: unknown, signal?: AbortSignal): Promise<ToolOutput>
  close(): Promise<void>
}

export async function testTools(env: Record<string, string | undefined> = process.env): Promise<TestTools> {
  const folder = await testFolder()
  await folder.write('project/.keep', '')
  const workspaces = createWorkspaces({ dataDir: join(folder.path, 'data'), spawner: createSpawner(), env })
  const workspace = await workspaces.open(join(folder.path, 'project'))
  const start = await workspace.snapshot()
  const progress: string[] = []
  return {
    folder,
    workspace,
    progress,
    write: (name, content) => folder.write(join('project', name), content),
    read: name => folder.read(join('project', name)),
    call: (tool, input, signal = new AbortController().signal) =>
      tool.run({
        input: tool.input.parse(input),
        workspace,
        signal,
        onProgress: chunk => progress.push(chunk),
        async diffSinceStart() {
          const now = await workspace.snapshot()
          return start && now ? workspace.diff(start, now) : null
        },
      }),
    async close() {
      await workspaces.close()
      await folder.remove()
    },
  }
}

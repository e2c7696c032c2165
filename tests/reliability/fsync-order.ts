// What a power cut could take back: looks at the server's system calls while a client follows a run, and counts the frames
// that leave while what they tell of is not yet on the disk.
import { spawnSync } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { followWs } from '#lib/testing/follow-ws'
import { makeProject } from '#lib/testing/make-project'
import { text, toolUse, turn } from '#lib/testing/messages-script'
import { startMessagesServer } from '#lib/testing/messages-server'
import { startServer, temporaryDirectory } from '#lib/testing/server'
import { waitFor } from '#lib/testing/wait-for'
import type { Scenario } from './scenario.ts'

const CALLS = 'write,writev,sendto,sendmsg,pwrite64,pwritev,pwritev2,fsync,fdatasync'
const TURNS = 12
/** Frames below which nothing is proven. */
const LEAST_FRAMES = 20

export const fsyncOrder: Scenario = {
  name: 'fsync-order',
  promise: 'no frame leaves the server before what it tells of is synced to the disk',
  async run({ bundle, log }) {
    if (spawnSync('strace', ['--version']).status !== 0)
      throw new Error('There is no strace; install it (node scripts/ensure-strace.mjs)')
    const folder = await temporaryDirectory('retrai-trace-')
    const trace = path.join(folder, 'trace')
    const project = await makeProject({ 'notes.txt': 'to be written\n' })
    const model = await startMessagesServer({
      respond: ({ assistantMessages: turns }) =>
        turns < TURNS
          ? turn([toolUse('file_write', { path: 'notes.txt', content: `${turns}\n` })])
          : turn([text('Done.')]),
    })
    const server = await startServer({
      ...(bundle ? { bundle } : {}),
      dataDir: path.join(folder, 'data'),
      env: { ANTHROPIC_BASE_URL: model.url },
      // As a grandchild of the server, so that the server keeps being ours to stop.
      under: ['strace', '-D', '-f', '-yy', '-s', '60', '-e', `trace=${CALLS}`, '-o', trace],
    })
    try {
      const started = await fetch(`${server.url}/api/runs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          goal: 'write notes',
          check_command: `grep -q ${TURNS - 1} notes.txt`,
          cwd: project.path,
        }),
      })
      const { run_id: runId } = (await started.json()) as { run_id: string }
      const follower = followWs(server.url, runId)
      await follower.closed
      await server.stop()
      const isComplete = new RegExp(`^${server.pid} +\\+\\+\\+ exited`, 'm')
      await waitFor('the trace is complete', async () => isComplete.test(await readFile(trace, 'utf8')))
      const { frames, early, syncs } = countEarly(await readFile(trace, 'utf8'))
      log(`${frames} frames, ${syncs} syncs`)
      const broken: string[] = []
      if (early > 0) broken.push(`early frames: ${early} of ${frames} frames left before the log was synced`)
      if (frames < LEAST_FRAMES)
        broken.push(`frames: ${frames}, fewer than the ${LEAST_FRAMES} that prove something`)
      return { figures: { frames, 'early frames': early, syncs }, broken }
    } finally {
      await server.close()
      await model.close()
      await project.remove()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  },
}

const WAL_WRITE = /^\d+ +pwrite\w*\(\d+<[^>]*-wal>/
const WAL_SYNC = /^\d+ +f(?:data)?sync\(\d+<[^>]*-wal>/
const FRAME = /^\d+ +(?:write|writev|sendto|sendmsg)\(\d+<TCP[^>]*>.*\\"kind\\":\\"/

/** Frames that were sent while the write-ahead log had writes that were not synced. */
export function countEarly(trace: string): { frames: number; early: number; syncs: number } {
  let isDirty = false
  const count = { frames: 0, early: 0, syncs: 0 }
  for (const line of trace.split('\n')) {
    if (WAL_WRITE.test(line)) isDirty = true
    else if (WAL_SYNC.test(line)) {
      isDirty = false
      count.syncs += 1
    } else if (FRAME.test(line)) {
      count.frames += 1
      if (isDirty) count.early += 1
    }
  }
  return count
}

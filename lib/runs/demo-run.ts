// A run on a small project that comes with retrAI, for whoever wants to see one before giving it a key or a project of their
// own: a recorded conversation, with real tools, on real failing tests.
import { cp, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { DemoRequest } from '#lib/contract/demo'
import { AppError, isAppError } from '#lib/errors'
import { saysNoRoom } from '#lib/no-room'
import { DEMO_FOLDER } from '#lib/workspace/allowed-cwd'
import type { Runs, StartOptions } from './types.ts'

/** The project lies in a fresh folder below the system's temporary one, and stays there to be looked at. */
export function createDemoRun({ packageDir, start }: { packageDir: string; start: Runs['start'] }) {
  return async (request: DemoRequest, { caller, traceparent }: Omit<StartOptions, 'idempotencyKey'>) => {
    const folder = await mkdtemp(path.join(await realpath(tmpdir()), DEMO_FOLDER)).catch(refuseFull)
    const cwd = path.join(folder, 'shopping-cart')
    try {
      await cp(path.join(packageDir, 'lib/demo/project'), cwd, { recursive: true })
      return await start(
        { ...request, goal: 'npm-test', cwd, model_name: 'scripted/demo' },
        { caller, traceparent },
      )
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      return refuseFull(error)
    }
  }
}

function refuseFull(error: unknown): never {
  if (!isAppError(error) && saysNoRoom(error))
    throw new AppError('disk_full', `There is no room for the demo's project in ${tmpdir()}`)
  throw error
}

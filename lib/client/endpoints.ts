// What the browser needs of the contract's endpoints: method and path. The types come from the contract, its Zod schemas
// stay out of the bundle (26 kB); endpoints.test.ts holds this table equal to the contract.
import type { z } from 'zod'
import type * as demo from '../contract/demo.ts'
import type { Endpoint } from '../contract/endpoint.ts'
import type * as evidence from '../contract/evidence.ts'
import type * as folders from '../contract/folders.ts'
import type * as gates from '../contract/gates.ts'
import type * as goals from '../contract/goals.ts'
import type * as models from '../contract/models.ts'
import type * as history from '../contract/run-history.ts'
import type * as runs from '../contract/runs.ts'
import type * as server from '../contract/server.ts'
import type * as webhook from '../contract/webhook.ts'

type AnyEndpoint = Endpoint<z.ZodType, z.ZodType, z.ZodType, z.ZodType>

/** An endpoint as the browser knows it. `E` is never present at run time. */
export interface ClientEndpoint<E extends AnyEndpoint = AnyEndpoint> {
  method: Endpoint['method']
  path: string
  readonly contract?: E
}

function at<E extends AnyEndpoint>(method: E['method'], path: string): ClientEndpoint<E> {
  return { method, path }
}

export const startRun = at<typeof runs.startRun>('POST', '/api/runs')
export const startDemo = at<typeof demo.startDemo>('POST', '/api/demo')
export const listRuns = at<typeof runs.listRuns>('GET', '/api/runs')
export const countRuns = at<typeof runs.countRuns>('GET', '/api/runs/counts')
export const getRun = at<typeof runs.getRun>('GET', '/api/runs/{run_id}')
export const listEvents = at<typeof history.listEvents>('GET', '/api/runs/{run_id}/events')
export const resumeRun = at<typeof gates.resumeRun>('POST', '/api/runs/{run_id}/resume')
export const abortRun = at<typeof runs.abortRun>('POST', '/api/runs/{run_id}/abort')
export const rerunRun = at<typeof runs.rerunRun>('POST', '/api/runs/{run_id}/rerun')
export const configureRun = at<typeof runs.configureRun>('PATCH', '/api/runs/{run_id}/config')
export const addNote = at<typeof runs.addNote>('POST', '/api/runs/{run_id}/note')
export const getDiff = at<typeof history.getDiff>('GET', '/api/runs/{run_id}/diff')
export const listIterations = at<typeof history.listIterations>('GET', '/api/runs/{run_id}/iterations')
export const getEvidence = at<typeof evidence.getEvidence>('GET', '/api/runs/{run_id}/evidence')
export const verifyRun = at<typeof evidence.verifyRun>('POST', '/api/runs/{run_id}/verify')
export const listGates = at<typeof gates.listGates>('GET', '/api/gates')
export const listGoals = at<typeof goals.listGoals>('GET', '/api/goals')
export const detectGoals = at<typeof goals.detectGoals>('POST', '/api/goals/detect')
export const checkGoal = at<typeof goals.checkGoal>('POST', '/api/goals/check')
export const listFolders = at<typeof folders.listFolders>('GET', '/api/folders')
export const acceptConfig = at<typeof goals.acceptConfig>('POST', '/api/goals/accept-config')
export const listModels = at<typeof models.listModels>('GET', '/api/models')
export const getWebhook = at<typeof webhook.getWebhook>('GET', '/api/webhook')
export const testWebhook = at<typeof webhook.testWebhook>('POST', '/api/webhook/test')
export const checkModels = at<typeof models.checkModels>('POST', '/api/models/check')
export const listLogs = at<typeof server.listLogs>('GET', '/api/logs')
export const getServer = at<typeof server.getServer>('GET', '/api/server')

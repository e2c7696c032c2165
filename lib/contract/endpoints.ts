// The list of all endpoints: OpenAPI, the client and the route test read it.
import type { Endpoint } from './endpoint.ts'
import { checkGoal, detectGoals, listGoals } from './goals.ts'
import { listModels } from './models.ts'
import {
  abortRun,
  addNote,
  configureRun,
  getDiff,
  getRun,
  listEvents,
  listGates,
  listIterations,
  listRuns,
  resumeRun,
  startRun,
} from './runs.ts'
import { getHealth, getOpenapi, getReadiness } from './server.ts'

export const endpoints = [
  startRun,
  listRuns,
  getRun,
  listEvents,
  resumeRun,
  abortRun,
  configureRun,
  addNote,
  getDiff,
  listIterations,
  listGates,
  listGoals,
  detectGoals,
  checkGoal,
  listModels,
  getHealth,
  getReadiness,
  getOpenapi,
] as unknown as Endpoint[]

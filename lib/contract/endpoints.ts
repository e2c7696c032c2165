// The list of all endpoints: OpenAPI, the client and the route test read it.
import { createBackup } from './backup.ts'
import { startDemo } from './demo.ts'
import type { Endpoint } from './endpoint.ts'
import { getEvidence, verifyRun } from './evidence.ts'
import { listFolders } from './folders.ts'
import { listGates, resumeRun } from './gates.ts'
import { acceptConfig, checkGoal, detectGoals, listGoals } from './goals.ts'
import { checkModels, listModels } from './models.ts'
import { getDiff, listEvents, listIterations } from './run-history.ts'
import { abortRun, addNote, configureRun, countRuns, getRun, listRuns, rerunRun, startRun } from './runs.ts'
import { getHealth, getMetrics, getOpenapi, getReadiness, getServer, listLogs } from './server.ts'
import { getWebhook, testWebhook } from './webhook.ts'

export const endpoints = [
  startRun,
  startDemo,
  listRuns,
  countRuns,
  getRun,
  listEvents,
  resumeRun,
  abortRun,
  rerunRun,
  configureRun,
  addNote,
  getDiff,
  listIterations,
  getEvidence,
  verifyRun,
  listGates,
  listGoals,
  detectGoals,
  checkGoal,
  listFolders,
  acceptConfig,
  listModels,
  checkModels,
  createBackup,
  getWebhook,
  testWebhook,
  getHealth,
  getReadiness,
  getMetrics,
  getServer,
  listLogs,
  getOpenapi,
] as unknown as Endpoint[]

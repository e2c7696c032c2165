// The whole server without HTTP: real store, journal, workspaces, processes and goals; only the model is scripted.
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Config } from '#lib/config'
import type { StartRun } from '#lib/contract/runs'
import { createRuntime } from '#lib/create-runtime'
import { createRedactor } from '#lib/redaction/redactor'
import type { RunRecord } from '#lib/store/types'
import { type Answer, text, turn } from './messages-script.ts'
import { type MessagesRequest, type MessagesServer, startMessagesServer } from './messages-server.ts'
import { tempFolder } from './temp-folder.ts'

const packageDir = fileURLToPath(new URL('../..', import.meta.url))

/** Answers by turn of the conversation, or the answer to each request. */
export type RunScript = Answer[] | ((request: MessagesRequest) => Answer | Promise<Answer>)

/** A Messages API server for many projects: which script is meant follows from the folder that the first message names. */
export async function startScripts() {
  const scripts = new Map<string, RunScript>()
  const folderOf = ({ firstUserText }: MessagesRequest) =>
    [...scripts.keys()].find(folder => firstUserText.includes(folder)) ?? ''
  const server = await startMessagesServer({
    respond(request) {
      const script = scripts.get(folderOf(request)) ?? []
      const nothing = turn([text('There is nothing left to say.')])
      return typeof script === 'function' ? script(request) : (script[request.assistantMessages] ?? nothing)
    },
  })
  return {
    server,
    /** A folder with these files, in which the model follows this script. */
    project(script: RunScript, files: Record<string, string> = {}): string {
      const folder = tempFolder('project')
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
        writeFileSync(path.join(folder, name), content)
      }
      scripts.set(folder, script)
      return folder
    },
    requestsOf: (folder: string) => server.requests.filter(request => folderOf(request) === folder),
    close: () => server.close(),
  }
}

interface RuntimeOptions {
  models: Pick<MessagesServer, 'url'>
  /** The same as before: a restart. */
  dataDir?: string
  maxParallel?: number
}

export async function startTempRuntime({
  models,
  dataDir = tempFolder('data'),
  maxParallel = 4,
}: RuntimeOptions) {
  const config: Config = {
    isProduction: true,
    port: 0,
    host: '127.0.0.1',
    dataDir,
    dataDirNote: null,
    token: null,
    defaultCwd: dataDir,
    allowedRoots: null,
    allowedHosts: [],
    maxParallel,
    maxQueued: 100,
    drainMs: 0,
    anthropic: { apiKey: 'sk-test', baseUrl: models.url },
    providerKeys: {},
    modelPatienceMs: 0,
    modelBackoffMs: null,
    modelIdleMs: null,
    scriptsDir: null,
    secrets: [],
    allowEnvFiles: false,
    // These tests are about what stands around commands; each would try the sandbox first.
    sandbox: 'off',
    sandboxReads: [],
    tracing: null,
    webhook: null,
    publicUrl: null,
    commandPolicy: {},
    network: null,
    allowNetworkFs: false,
  }
  const logged: string[] = []
  const built = await createRuntime({
    config,
    version: '0.0.0-test',
    packageDir,
    redactor: createRedactor(config.secrets),
    log: (level, message, data) => logged.push(`${level}: ${message} ${JSON.stringify(data ?? {})}`),
  })
  let isClosed = false
  const close = async () => {
    if (isClosed) return
    isClosed = true
    await built.drain()
    await built.close()
  }
  onTestFinished(close)
  await built.recover()
  built.takeUp()
  const { runs, journal } = built.runtime

  /** The run's row once it satisfies the condition. */
  async function until(runId: string, condition: (record: RunRecord) => boolean): Promise<RunRecord> {
    return new Promise((resolve, reject) => {
      const look = (record: RunRecord) => {
        if (record.id !== runId || !condition(record)) return
        stop()
        resolve(record)
      }
      const stop = journal.onRecord(look)
      journal.record(runId).then(look, reject)
    })
  }

  return {
    ...built.runtime,
    dataDir,
    logged,
    close,
    until,
    untilStatus: (runId: string, ...statuses: string[]) =>
      until(runId, ({ status }) => statuses.includes(status)),
    async start(request: StartRun, idempotencyKey?: string) {
      const options = idempotencyKey === undefined ? { caller: 'api' } : { caller: 'api', idempotencyKey }
      return runs.start({ model_name: 'claude-sonnet-4-6', ...request }, options)
    },
    events: (runId: string) => runs.events(runId, { limit: 5000 }),
  }
}

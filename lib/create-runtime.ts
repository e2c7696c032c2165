// The composition root: builds every part once, in this order, and closes them in reverse. The only file that calls the
// constructors of more than one part; server.ts and the tests import it.
import { readdirSync } from 'node:fs'
import path from 'node:path'
import type { Config } from './config.ts'
import { messageOf } from './errors.ts'
import { createJournal } from './events/journal.ts'
import { createFaultScopes } from './fault-scopes.ts'
import { goals } from './goals/registry.ts'
import type { Log } from './log.ts'
import { createSpendToday } from './metrics/spend-today.ts'
import { createModels } from './models/registry.ts'
import { createReadiness } from './readiness.ts'
import { readEnvFiles } from './redaction/env-files.ts'
import type { Redactor } from './redaction/redactor.ts'
import { createDemoRun } from './runs/demo-run.ts'
import { createGoalService } from './runs/goal-service.ts'
import { createRuns } from './runs/runs.ts'
import type { Runtime } from './runtime.ts'
import { createServerInfo } from './server-info.ts'
import { createAcceptedConfigs } from './store/accepted-configs.ts'
import { createBackups } from './store/backup.ts'
import { createDisk } from './store/disk.ts'
import { checkFileSystem } from './store/file-system.ts'
import { type Instance, openInstance } from './store/instance.ts'
import { keepToOwner } from './store/own-only.ts'
import { pastUsage } from './store/past-usage.ts'
import { StartRefused } from './store/start-refused.ts'
import { openStore } from './store/store.ts'
import { withPrivateFiles } from './tools/private-files.ts'
import { tools } from './tools/registry.ts'
import { TOLD } from './webhook/message-of.ts'
import { createWebhook } from './webhook/webhook.ts'
import { createListFolders } from './workspace/list-folders.ts'
import { restoreInterrupted } from './workspace/protected-files.ts'
import { openSandbox } from './workspace/sandbox/open-sandbox.ts'
import { createSpawner } from './workspace/spawner.ts'
import { createWorkspaces, type Workspaces } from './workspace/workspaces.ts'

export interface RuntimeOptions {
  config: Config
  version: string
  /** Folder of the installed package: the migrations lie below it. */
  packageDir: string
  /** Knows the server's own secrets; learns those of the projects it works on. */
  redactor: Redactor
  log: Log
  /** The newest entries of it. */
  logs?: Runtime['logs']
}

/** Rejects with StartRefused when the data directory cannot be used as it is. */
export async function createRuntime(options: RuntimeOptions) {
  const { config, version, log } = options
  await checkFileSystem(config.dataDir, { allowNetwork: config.allowNetworkFs, log })
  const instance = await openInstance(config.dataDir, version)
  try {
    await keepToOwner(config.dataDir, sentence => log('warn', sentence))
    return await build(options, instance)
  } catch (error) {
    // Nothing was done: the next start must hear of the last server what this one heard.
    await instance.close({ clean: instance.previous !== 'died' })
    throw error
  }
}

async function build(
  { config, version, packageDir, redactor, log, logs = () => [] }: RuntimeOptions,
  instance: Instance,
) {
  const { dataDir, defaultCwd } = config
  // After an orderly stop nothing was cut off, and no run is to blame for anything.
  const wasClean = instance.previous !== 'died'
  if (!wasClean) log('warn', 'the last server on this data directory did not stop in order')
  const migrations = path.join(packageDir, 'prisma/sqlite/migrations')
  const disk = createDisk({ dataDir })
  await disk.prepare()
  const spawner = createSpawner({ log, instance: dataDir })
  const { sandbox: asked, sandboxReads: readable } = config
  const opened = await openSandbox({ asked, spawner, dataDir, readable })
  const { sandbox, state } = opened
  if (asked === 'require' && sandbox === null) {
    await spawner.close()
    throw new StartRefused(
      `The sandbox is required and not to be had: ${opened.why}. With --sandbox auto, commands would run plainly`,
    )
  }
  const store = await openStore(path.join(dataDir, 'retrai.db'), migrations, {
    announced: config.webhook ? TOLD : [],
  })
  const journal = createJournal({ store, redactor })
  let address: string | null = null
  const webhook =
    config.webhook &&
    createWebhook({
      ...config.webhook,
      store,
      base: () => config.publicUrl ?? address ?? 'http://127.0.0.1',
      redact: redactor.value,
      log,
    })
  if (webhook) journal.onEvents(webhook.observe)
  // Of a webhook that is no more: whoever is named next must not be told what was meant for it.
  else await store.dropAllDeliveries()
  const workspaces = learning(
    createWorkspaces({ dataDir, spawner, sandbox, roots: config.allowedRoots ?? undefined, log }),
    redactor,
  )
  const models = createModels({
    anthropic: config.anthropic,
    keys: config.providerKeys,
    scriptsDir: config.scriptsDir ?? undefined,
    timing: {
      ...(config.modelPatienceMs === null ? {} : { patienceMs: config.modelPatienceMs }),
      ...(config.modelBackoffMs === null ? {} : { baseMs: config.modelBackoffMs }),
      ...(config.modelIdleMs === null ? {} : { idleMs: config.modelIdleMs }),
    },
  })
  const { maxParallel } = config
  const scopes = createFaultScopes()
  const accepted = createAcceptedConfigs(dataDir)
  const runs = createRuns({
    store,
    journal,
    models,
    workspaces,
    tools: withPrivateFiles(tools, {
      allowEnvFiles: config.allowEnvFiles,
      restore: redactor.restore,
    }),
    redact: redactor.value,
    dataDir,
    defaultCwd,
    disk,
    sandbox: state,
    accepted,
    commandPolicy: config.commandPolicy,
    network: config.network,
    version,
    variables: workspaces.variables,
    maxParallel,
    maxWaiting: config.maxQueued,
    drainMs: config.drainMs,
    scopes,
    wasClean,
    log,
  })
  const spend = createSpendToday()
  journal.onEvents(spend.observe)
  let connections = () => ({ sockets: 0, streams: 0 })
  let isStopping = false
  const readiness = createReadiness({
    version,
    store,
    spawner,
    sandbox: state,
    disk,
    queue: runs.queueCounts,
    isStopping: () => isStopping,
  })
  const runtime: Runtime = {
    version,
    defaultCwd,
    sandbox: state,
    runs,
    startDemo: createDemoRun({ packageDir, start: runs.start }),
    goals: createGoalService({ goals, workspaces, defaultCwd, accepted, network: config.network }),
    models,
    listFolders: createListFolders({ dataDir, roots: config.allowedRoots ?? undefined, defaultCwd }),
    journal,
    redact: redactor.value,
    backup: createBackups({ dataDir, copyInto: store.copyInto }),
    readiness,
    info: createServerInfo({
      version,
      config,
      spawner,
      sandbox: state,
      queue: runs.queueCounts,
      readiness,
      connections: () => connections(),
      spend: spend.get,
      address: () => address,
    }),
    webhook,
    logs,
    spend: spend.get,
    log,
  }

  return {
    runtime,
    /** Puts right what an earlier process left; nobody may be served before. */
    async recover() {
      // Before files are put back: a check that still runs would not see what it was started on.
      if (!(await spawner.sweepLeftovers()))
        log('warn', 'commands of an earlier server could not be looked for')
      for (const directory of subdirectories(path.join(dataDir, 'protected'))) {
        const { failed } = await restoreInterrupted(directory)
        for (const { root, storedIn, why } of failed)
          log('error', "the agent's files could not be put back", { root, storedIn, why })
      }
      await runs.recover()
    },
    scopes,
    /** How many runs are at work, and how many wait for a slot. */
    queueCounts: runs.queueCounts,
    /** Where it listens, for whoever starts a second server here. */
    async announce(at: string) {
      address = at
      await instance.announce(at)
    },
    /** Who is connected, once there is something that knows. */
    countConnections(read: () => { sockets: number; streams: number }) {
      connections = read
    },
    /** Goes on with the runs that were left; call once the server listens. */
    takeUp() {
      webhook?.start()
      spend
        .load(since => pastUsage(store, since))
        .catch(error => log('warn', 'what was spent earlier today is not known', { error: messageOf(error) }))
      runs.takeUp()
    },
    /** Takes no new work from here on; resolves when every run has come to the end of its step, or has used up its time. */
    async drain() {
      isStopping = true
      await runs.close()
    },
    /** After `drain`. */
    async close() {
      await webhook?.close()
      await workspaces.close()
      await store.close()
      await instance.close({ clean: true })
    },
  }
}

/** What a project keeps in its .env files is known as secret before anything runs in it. */
function learning(workspaces: Workspaces, redactor: Redactor): Workspaces {
  return {
    ...workspaces,
    async open(cwd, options) {
      const workspace = await workspaces.open(cwd, options)
      redactor.learn(await readEnvFiles(workspace.root))
      return workspace
    },
  }
}

function subdirectories(directory: string): string[] {
  try {
    return readdirSync(directory).map(name => path.join(directory, name))
  } catch {
    return [] // nothing was ever protected
  }
}

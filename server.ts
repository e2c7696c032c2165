// Composition and life of the process: config → runtime → HTTP, sockets and Next → graceful stop.
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import next from 'next'
import { ConfigError, readConfig } from '#lib/config'
import { createRuntime } from '#lib/create-runtime'
import { messageOf } from '#lib/errors'
import { createEventStreams } from '#lib/live/event-stream'
import { createGuard } from '#lib/live/guard'
import { createHttp } from '#lib/live/http'
import { createRates } from '#lib/live/rates'
import { createSessions } from '#lib/live/sessions'
import { createSocketIo } from '#lib/live/socket-io'
import { createWebSockets } from '#lib/live/websocket'
import { createLog } from '#lib/log'
import { createLogRing } from '#lib/log-ring'
import { createMetrics } from '#lib/metrics/metrics'
import { answerFaults, stopOnSignals } from '#lib/process-life'
import { createRedactor } from '#lib/redaction/redactor'
import { installRuntime } from '#lib/runtime'
import { StartRefused } from '#lib/store/start-refused'
import { openTracing } from '#lib/tracing/open-tracing'

/** Ten seconds for what runs to come to its end, the rest to close. */
const STOP_WITHIN_MS = 14_500
/** What answers are given to finish when the server stops; long polls and downloads are cut then. */
const ANSWER_WITHIN_MS = 1000

/** The package's folder: this file lies in it, or somewhere below it once bundled. */
function packageRoot(): string {
  const here = path.dirname(fileURLToPath(import.meta.url))
  let folder = here
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder)
    if (parent === folder) throw new Error(`There is no package.json in ${here} or above it`)
    folder = parent
  }
  return folder
}

async function main() {
  process.env.NEXT_TELEMETRY_DISABLED = '1' // nothing is sent anywhere, and nothing written to home
  const config = readConfig()
  const packageDir = packageRoot()
  const { version } = JSON.parse(readFileSync(path.join(packageDir, 'package.json'), 'utf8')) as {
    version: string
  }
  const redactor = createRedactor(config.secrets)
  const ring = createLogRing()
  const log = createLog(redactor.value, ring.take)
  if (config.dataDirNote) log('warn', config.dataDirNote)

  const built = await createRuntime({ config, version, packageDir, redactor, log, logs: ring.recent })
  const { runtime, scopes } = built
  answerFaults({ scopes, log })
  installRuntime(runtime)
  const { mode, note, detail } = runtime.sandbox
  if (mode === 'off') log('warn', 'commands of runs are not sandboxed', { sandbox: mode, detail })
  else if (note !== null) log('warn', note, { sandbox: mode, detail })
  else log('info', 'commands of runs are sandboxed', { sandbox: mode, detail })

  let port = config.port
  const sessions = createSessions()
  const guard = createGuard({
    ...config,
    port: () => port,
    hasSession: sessions.isValid,
    rates: createRates(),
  })
  const readers = { journal: runtime.journal, isStopping: () => life.isStopping(), log }
  const webSockets = createWebSockets(readers)
  const eventStreams = createEventStreams(readers)
  const metrics = createMetrics({
    queue: built.queueCounts,
    openGates: async () => (await runtime.runs.countByStatus()).waiting,
    async gateOpenedAt(gateId) {
      const gates = await runtime.runs.gates({ status: 'decided' })
      const gate = gates.find(one => one.gate_id === gateId)
      return gate ? Date.parse(gate.opened_at) / 1000 : null
    },
    sockets: () => webSockets.count() + io.count(),
    streams: eventStreams.count,
  })
  runtime.journal.onEvents((events, record) => metrics.observe(events, record.request.goalName))
  const tracing = config.tracing && (await openTracing({ ...config.tracing, version, log }))
  if (tracing) {
    log('info', 'traces are sent', { url: config.tracing?.url })
    runtime.journal.onEvents(tracing.observe)
  }
  const { isProduction, host } = config
  const app = next({ dev: !isProduction, dir: packageDir, hostname: host, port, quiet: true })
  let pages: ReturnType<Parameters<typeof createHttp>[0]['next']> = null
  const hasToken = config.token !== null
  const http = createHttp({
    guard,
    sessions,
    runtime,
    webSockets,
    eventStreams,
    metrics,
    scopes,
    isProduction,
    hasToken,
    next: () => pages,
  })
  const io = createSocketIo({
    http,
    journal: runtime.journal,
    runs: runtime.runs,
    version,
    epoch: randomUUID(),
    spend: runtime.spend,
    check: request => guard.check(request, 'upgrade'),
    log,
  })

  built.countConnections(() => ({
    sockets: webSockets.count() + io.count(),
    streams: eventStreams.count(),
  }))

  async function start(): Promise<void> {
    await Promise.all([app.prepare(), built.recover()])
    pages = { handle: app.getRequestHandler(), upgrade: app.getUpgradeHandler() }
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject)
      http.listen(port, host, resolve)
    })
    port = (http.address() as { port: number }).port
    const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
    const address = `http://${name}:${port}`
    await built.announce(address)
    log('info', 'listening', { address, version, data_dir: config.dataDir })
    console.log(`retrAI is listening on ${address}`)
    if (hasToken)
      console.log(
        `Open ${address}/login#code=${sessions.newCode()} in a browser (works once, for ten minutes)`,
      )
  }

  async function stop(): Promise<void> {
    // Reads go on meanwhile, and followers see how the last steps end.
    await built.drain()
    webSockets.close()
    eventStreams.close()
    const closed = io.close() // closes the HTTP server with it, once its connections have ended
    http.closeIdleConnections()
    setTimeout(() => http.closeAllConnections(), ANSWER_WITHIN_MS).unref()
    await closed
    await tracing?.close()
    await built.close()
  }

  const started = start()
  const life = stopOnSignals({ started, stop, withinMs: STOP_WITHIN_MS, log })
  try {
    await started
  } catch (error) {
    await built.close() // nothing was begun: the next start need not look for what was cut off
    throw error
  }
  if (!life.isStopping()) built.takeUp()
}

try {
  await main()
} catch (error) {
  const isTaken = (error as { code?: string }).code === 'EADDRINUSE'
  const isForeseen = isTaken || error instanceof ConfigError || error instanceof StartRefused
  const sentence = isTaken ? `${messageOf(error)}; use another --port` : messageOf(error)
  console.error(`retrai: ${sentence}`)
  if (!isForeseen) console.error(error)
  process.exit(error instanceof ConfigError || isTaken ? 2 : 1)
}

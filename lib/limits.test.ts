// No limit without a test that meets it: each has its value here once more, and where it is met.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { StartRun } from './contract/runs.ts'
import { LIMITS } from './limits.ts'

/** name → value, the file of the test, and words of it. */
const MET: Record<keyof typeof LIMITS, [value: number, file: string, words: string]> = {
  bodyBytes: [2 ** 20, 'lib/api/bad-input.integration.test.ts', 'a body of 2 MiB'],
  headerBytes: [16 * 1024, 'lib/live/limits.test.ts', 'a head has its length'],
  urlLength: [4096, 'lib/live/limits.test.ts', 'an address has its length'],
  headersTimeoutMs: [10_000, 'lib/live/http.test.ts', 'whoever does not come to the end of its headers'],
  requestTimeoutMs: [30_000, 'lib/live/http.test.ts', 'requestTimeout: LIMITS.requestTimeoutMs'],
  keepAliveTimeoutMs: [5000, 'lib/live/http.test.ts', 'keepAliveTimeout: LIMITS.keepAliveTimeoutMs'],
  connectionsCheckMs: [2000, 'lib/live/http.test.ts', '3 * LIMITS.connectionsCheckMs'],
  maxConnections: [1024, 'lib/live/http.test.ts', 'maxConnections: LIMITS.maxConnections'],
  silentConnections: [512, 'lib/live/silent-connections.test.ts', 'the oldest that said nothing goes'],
  requestsPerSecond: [50, 'lib/live/rates.test.ts', 'LIMITS.requestsPerSecond'],
  requestBurst: [200, 'lib/live/rates.test.ts', 'LIMITS.requestBurst'],
  wrongTokensPerMinute: [20, 'lib/live/rates.test.ts', 'LIMITS.wrongTokensPerMinute'],
  rememberedPeers: [10_000, 'lib/live/rates.test.ts', 'LIMITS.rememberedPeers'],
  frameBytes: [64 * 1024, 'lib/live/limits.test.ts', 'a frame has its size'],
  fragments: [64, 'lib/live/limits.test.ts', 'a message comes in so many pieces at most'],
  webSockets: [256, 'lib/live/limits.test.ts', 'expect(webSockets.count()).toBe(LIMITS.webSockets)'],
  liveSockets: [256, 'lib/live/limits.test.ts', 'expect(live.count()).toBe(LIMITS.liveSockets)'],
  eventStreams: [256, 'lib/live/event-stream.test.ts', 'expect(streams.count()).toBe(LIMITS.eventStreams)'],
  socketsPerPeer: [64, 'lib/live/peer-count.test.ts', 'LIMITS.socketsPerPeer'],
  webSocketBufferBytes: [2 ** 20, 'lib/live/websocket.integration.test.ts', 'is dropped with 1013'],
  pingMs: [20_000, 'lib/live/limits.test.ts', 'who does not answer so many pings is let go'],
  missedPings: [2, 'lib/live/limits.test.ts', 'who does not answer so many pings is let go'],
  databaseBusyMs: [60_000, 'lib/store/busy.test.ts', 'busyLimitMs'],
  maxParallel: [4, 'lib/config.test.ts', 'LIMITS.maxParallel'],
  maxWaiting: [100, 'lib/runs/queue.test.ts', 'maxWaiting'],
  drainMs: [10_000, 'lib/cli/main.test.ts', 'LIMITS.drainMs'],
  commandSeconds: [120, 'lib/tools/bash-exec.test.ts', 'LIMITS.commandSeconds'],
  commandMaxSeconds: [1800, 'lib/tools/bash-exec.test.ts', 'LIMITS.commandMaxSeconds'],
  outputKeptBytes: [2 ** 20, 'lib/workspace/workspaces.test.ts', 'LIMITS.outputKeptBytes'],
  outputMaxBytes: [256 * 2 ** 20, 'lib/workspace/spawner.test.ts', 'ends the command at 256 MiB'],
  commandMemoryBytes: [8 * 2 ** 30, 'lib/workspace/sandbox/sandbox.test.ts', 'LIMITS.commandMemoryBytes'],
  commandProcesses: [2048, 'lib/workspace/sandbox/sandbox.test.ts', 'processes are counted'],
  commandOpenFiles: [4096, 'lib/workspace/sandbox/isolation.integration.test.ts', 'ulimit -n'],
  foldersListed: [1000, 'lib/workspace/list-folders.test.ts', 'very many folders is cut'],
  proxyConnections: [256, 'lib/workspace/network/proxy.test.ts', 'LIMITS.proxyConnections'],
  proxyAddresses: [4, 'lib/workspace/network/proxy.test.ts', 'LIMITS.proxyAddresses'],
  proxyConnectMs: [10_000, 'lib/workspace/network/proxy.test.ts', 'LIMITS.proxyConnectMs'],
  proxyIdleMs: [300_000, 'lib/workspace/network/proxy.test.ts', 'LIMITS.proxyIdleMs'],
  webhookTimeoutMs: [10_000, 'lib/webhook/webhook.test.ts', 'LIMITS.webhookTimeoutMs'],
  webhookRetryMs: [300_000, 'lib/webhook/webhook.test.ts', 'LIMITS.webhookRetryMs'],
  webhookGiveUpMs: [3 * 86_400_000, 'lib/webhook/webhook.test.ts', 'LIMITS.webhookGiveUpMs'],
  webhookTextLength: [2000, 'lib/webhook/message-of.test.ts', 'LIMITS.webhookTextLength'],
  providerCheckMs: [5000, 'lib/models/check-provider.test.ts', 'LIMITS.providerCheckMs'],
  providerListBytes: [2 ** 20, 'lib/models/check-provider.test.ts', 'LIMITS.providerListBytes'],
  logEntriesKept: [200, 'lib/log-ring.test.ts', 'LIMITS.logEntriesKept'],
  logEntryLength: [4000, 'lib/log-ring.test.ts', 'LIMITS.logEntryLength'],
  gatesReviewed: [20, 'lib/live/reviewers.test.ts', 'LIMITS.gatesReviewed'],
  commandFileKiB: [4 * 2 ** 20, 'lib/workspace/sandbox/isolation.integration.test.ts', 'ulimit -f'],
}

test.each(Object.entries(LIMITS))('%s is what was decided, and is met by a test', (name, value) => {
  const [decided, file, words] = MET[name as keyof typeof LIMITS] // a key of it
  expect(value).toBe(decided)
  expect(readFileSync(fileURLToPath(new URL(`../${file}`, import.meta.url)), 'utf8')).toContain(words)
})

test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  ['goal', { goal: 'x'.repeat(65_536) }, { goal: 'x'.repeat(65_537) }],
  ['cwd', { cwd: `/${'x'.repeat(4095)}` }, { cwd: `/${'x'.repeat(4096)}` }],
  ['max_iterations, least', { max_iterations: 1 }, { max_iterations: 0 }],
  ['max_iterations, most', { max_iterations: 1000 }, { max_iterations: 1001 }],
  ['max_iterations, whole', { max_iterations: 7 }, { max_iterations: 7.5 }],
  ['hitl_enabled, strict', { hitl_enabled: true }, { hitl_enabled: 'true' }],
  ['unknown keys', {}, { goaal: 'x' }],
])('%s of a request: what is just allowed passes, what is one more does not', (_, right, wrong) => {
  expect(StartRun.safeParse({ goal: 'x', ...right }).success).toBe(true)
  expect(StartRun.safeParse({ goal: 'x', ...wrong }).success).toBe(false)
})

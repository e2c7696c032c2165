// What retrAI costs on top of what it drives: `npm run bench`. Both loops of the first table talk to the same server of
// instant answers and run the same command per turn, one after the other in one run of this program.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NewEvent } from '#lib/contract/event'
import { createJournal } from '#lib/events/journal'
import { openStore } from '#lib/store/store'
import { api } from '#lib/testing/api'
import { makeProject, SHELL_PROJECT } from '#lib/testing/make-project'
import { toolUse, turn } from '#lib/testing/messages-script'
import { eventsOf, render, sse } from '#lib/testing/messages-stream'
import { newRecord } from '#lib/testing/records'
import { startServer } from '#lib/testing/server'
import { openSandbox } from '#lib/workspace/sandbox/open-sandbox'
import { createSpawner } from '#lib/workspace/spawner'
import type { Workspace } from '#lib/workspace/workspace'
import { createWorkspaces } from '#lib/workspace/workspaces'

const TURNS = 200
/** After so many turns the loop checks the goal; that is no cost of a turn. */
const TURNS_PER_ITERATION = 50
const COMMAND = 'true'
/** For the sandbox, each way. */
const COMMANDS = 200

async function benchTurns() {
  const model = await startInstantModel()
  const project = await makeProject(SHELL_PROJECT)
  const server = await startServer({ env: { ANTHROPIC_BASE_URL: model.url } })
  const client = api(server.url)
  await bareLoop(model.url, 20) // both loops find everything warm
  model.arrivals.length = 0
  await bareLoop(model.url, TURNS)
  const bare = intervals(model.arrivals.splice(0))

  const body = { goal: 'bench', check_command: 'false', cwd: project.path }
  await client.finish({ ...body, max_iterations: 1 })
  model.arrivals.length = 0
  await client.finish({ ...body, max_iterations: TURNS / TURNS_PER_ITERATION })
  const ours = intervals(model.arrivals.splice(0)).filter(
    (_, index) => (index + 1) % TURNS_PER_ITERATION !== 0,
  )
  await server.close()
  await model.close()
  await project.remove()

  const rows: [string, number, number][] = [
    ['bare loop: fetch and spawn', median(bare), p95(bare)],
    ['retrAI', median(ours), p95(ours)],
    ['difference', median(ours) - median(bare), p95(ours) - p95(bare)],
  ]
  table(
    `Milliseconds per model turn (${TURNS} turns, instant answers, one bash_exec of \`${COMMAND}\` each)`,
    ['', 'median', 'p95'],
    [
      ...rows.map(([name, ...values]) => [name, ...values.map(ms)]),
      ['ratio', `${(median(ours) / median(bare)).toFixed(2)} ×`, `${(p95(ours) / p95(bare)).toFixed(2)} ×`],
    ],
  )
}

/** The least that could be done: ask, read the stream, run the command, tell the result. */
async function bareLoop(url: string, turns: number) {
  const messages: unknown[] = [{ role: 'user', content: 'bench' }]
  for (let index = 0; index < turns; index++) {
    const response = await fetch(`${url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'none', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify({ model: 'claude-sonnet-4-6', max_tokens: 1000, stream: true, messages }),
    })
    const id = /"id":"(toolu_[^"]+)"/.exec(await response.text())?.[1]
    const code = await new Promise(resolve => {
      spawn('bash', ['-c', COMMAND], { stdio: ['ignore', 'pipe', 'pipe'] }).once('close', resolve)
    })
    const input = { command: COMMAND }
    messages.push(
      { role: 'assistant', content: [{ type: 'tool_use', id, name: 'bash_exec', input }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: `[exit code ${code}]` }] },
    )
  }
}

/** Answers each request at once with the same call, and notes when it came. */
async function startInstantModel() {
  const arrivals: number[] = []
  let number = 0
  const usage = {
    input_tokens: 10,
    output_tokens: 10,
    cache_read_input_tokens: 0,
    cache_creation_input_tokens: 0,
  }
  const server = createServer(async (request, response) => {
    arrivals.push(performance.now())
    await drained(request)
    number += 1
    const answer = turn([toolUse('bash_exec', { command: COMMAND })])
    const rendered = render(answer, { id: `msg_${number}`, model: 'claude-sonnet-4-6', usage })
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(eventsOf(rendered).map(sse).join(''))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number } // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    arrivals,
    close: () =>
      new Promise(resolve => {
        server.close(resolve)
        server.closeAllConnections()
      }),
  }
}

async function drained(request: IncomingMessage) {
  for await (const _ of request);
}

/** The same command in turns, so that whatever else the machine does meets both. */
async function benchSandbox() {
  const folder = await mkdtemp(path.join(tmpdir(), 'retrai-bench-'))
  const project = await makeProject(SHELL_PROJECT)
  const spawner = createSpawner()
  const opened = await openSandbox({ asked: 'auto', spawner, dataDir: folder, readable: [] })
  const workspaces = createWorkspaces({ dataDir: folder, spawner, sandbox: opened.sandbox })
  const plain = await workspaces.open(project.path, { plain: true })
  const boxed = await workspaces.open(project.path)
  const listed = await workspaces.open(project.path, opened.sandbox ? { network: ['example.org'] } : {})
  const took = { plain: [] as number[], boxed: [] as number[], listed: [] as number[] }
  const once = async (workspace: Workspace) => {
    const began = performance.now()
    const { exitCode } = await workspace.run({ command: COMMAND, timeoutMs: 10_000 })
    if (exitCode !== 0) throw new Error(`${COMMAND} ended with ${exitCode}`)
    return performance.now() - began
  }
  for (let round = -20; round < COMMANDS; round++) {
    const [one, other, third] = [await once(plain), await once(boxed), await once(listed)]
    if (round < 0) continue // both find everything warm
    took.plain.push(one)
    took.boxed.push(other)
    took.listed.push(third)
  }
  await workspaces.close()
  await project.remove()
  await rm(folder, { recursive: true, force: true })
  const ratio = (of: (values: number[]) => number) => `${(of(took.boxed) / of(took.plain)).toFixed(2)} ×`
  table(
    `Milliseconds per command (${COMMANDS} times \`${COMMAND}\` each, in turns; ${opened.state.detail})`,
    ['', 'median', 'p95'],
    [
      ['plain', ms(median(took.plain)), ms(p95(took.plain))],
      ['in the sandbox', ms(median(took.boxed)), ms(p95(took.boxed))],
      ['difference', ms(median(took.boxed) - median(took.plain)), ms(p95(took.boxed) - p95(took.plain))],
      ['ratio', ratio(median), ratio(p95)],
      ['with a list of hosts', ms(median(took.listed)), ms(p95(took.listed))],
    ],
  )
}

async function benchJournal() {
  const folder = await mkdtemp(path.join(tmpdir(), 'retrai-bench-'))
  const migrations = fileURLToPath(new URL('../prisma/sqlite/migrations', import.meta.url))
  const store = await openStore(path.join(folder, 'retrai.db'), migrations)
  const journal = createJournal({ store })
  const newRun = async () => {
    const record = newRecord({ status: 'running' })
    await store.createRun(record)
    return record.id
  }
  const event: NewEvent = {
    kind: 'log',
    iteration: 1,
    payload: { level: 'info', message: 'x'.repeat(500) },
  }
  const perSecond = (events: number, took: number) =>
    Math.round((events / took) * 1000).toLocaleString('en-US')

  const one = await newRun()
  const alone = await timed(async () => {
    for (let index = 0; index < 1000; index++) await journal.append(one, [event])
  })
  const runs = await Promise.all(Array.from({ length: 50 }, newRun))
  const together = await timed(() =>
    Promise.all(
      runs.map(async runId => {
        for (let index = 0; index < 100; index++) await journal.append(runId, [event])
      }),
    ),
  )
  table(
    'Events stored durably per second (500 bytes each)',
    ['', 'events/s'],
    [
      ['one run, one after the other', perSecond(1000, alone)],
      ['50 runs at once', perSecond(5000, together)],
    ],
  )

  const rows: string[][] = []
  let nobody = 0
  for (const followers of [0, 10, 100]) {
    const runId = await newRun()
    const deliveries = Array.from({ length: followers }, async () => {
      let seen = 0
      for await (const events of journal.follow(runId)) {
        seen += events.length
        if (seen >= 500) return
      }
    })
    const took = await timed(async () => {
      for (let index = 0; index < 500; index++) await journal.append(runId, [event])
      await Promise.all(deliveries)
    })
    if (followers === 0) nobody = took
    const extra = followers === 0 ? '' : `${(((took - nobody) / 500 / followers) * 1000).toFixed(1)} µs`
    rows.push([String(followers), ms(took / 500), extra])
  }
  table('Milliseconds per event with followers', ['followers', 'per event', 'per follower'], rows)
  await store.close()
  await rm(folder, { recursive: true, force: true })
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

const intervals = (times: number[]) => times.slice(1).map((time, index) => time - times[index]!)
const ms = (value: number) => value.toFixed(2)
const median = (values: number[]) => quantile(values, 0.5)
const p95 = (values: number[]) => quantile(values, 0.95)

function quantile(values: number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

function table(title: string, head: string[], rows: string[][]) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map(row => (row[column] ?? '').length)))
  const line = (row: string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('   ')
  console.log(`\n${title}\n\n${line(head)}\n${widths.map(width => '─'.repeat(width)).join('───')}`)
  for (const row of rows) console.log(line(row))
}

await benchTurns()
await benchSandbox()
await benchJournal()

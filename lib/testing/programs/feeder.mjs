// Preloaded into the built server (NODE_OPTIONS) by lib/testing/feeder.ts: appends events to a run through the server’s own journal, as
// the loop does, at the pace that is asked for over a socket. The server itself is the product, byte for byte.
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

const { RETRAI_FEEDER_SOCKET: socketPath } = process.env
// Not for the helper processes of the server.
delete process.env.RETRAI_FEEDER_SOCKET
delete process.env.NODE_OPTIONS

const journal = () => globalThis[Symbol.for('retrai.runtime')].journal
const TICK_MS = 4

const call = (n, text) => ({
  kind: 'tool_call',
  iteration: 1,
  payload: { call_id: `fed-${n}`, tool: 'bash_exec', args: { command: `echo ${text}` } },
})
const result = (n, text) => ({
  kind: 'tool_result',
  iteration: 1,
  payload: {
    call_id: `fed-${n}`,
    tool: 'bash_exec',
    output: `${text}\n`.repeat(3),
    exit_code: 0,
    status: 'ok',
    duration_ms: 12,
    truncated: false,
    bytes: 60,
  },
})

/** So many calls, each with its result, whose number and clock stand in the command. */
function pairs(from, count) {
  const clock = performance.timeOrigin + performance.now()
  return Array.from({ length: count }, (_, i) => from + i).flatMap(n => {
    const text = `tick ${n} at ${clock.toFixed(1)}`
    return [call(n, text), result(n, text)]
  })
}

const state = { next: 1 }

async function stream({ run_id, per_second, seconds }) {
  const first = state.next
  const began = performance.now()
  const clocks = []
  const stored = []
  await new Promise(resolve => {
    const timer = setInterval(() => {
      const passed = Math.min(seconds * 1000, performance.now() - began)
      // Two events each.
      const due = Math.floor((passed / 1000) * (per_second / 2)) - (state.next - first)
      if (due > 0) {
        const at = performance.timeOrigin + performance.now()
        for (let i = 0; i < due; i++) clocks.push(at)
        stored.push(journal().append(run_id, pairs(state.next, due)))
        state.next += due
      }
      if (passed < seconds * 1000) return
      clearInterval(timer)
      resolve()
    }, TICK_MS)
  })
  await Promise.all(stored)
  return { first, clocks, took_ms: performance.now() - began }
}

async function burst({ run_id, count }) {
  const last_seq = (await journal().record(run_id)).lastSeq + count
  for (let left = count / 2; left > 0; left -= 500) {
    await journal().append(run_id, pairs(state.next, Math.min(500, left)))
    state.next += Math.min(500, left)
  }
  return { last_seq }
}

const append = async ({ run_id, events }) => ({ events: await journal().append(run_id, events) })

const WORK = { stream, burst, append }

if (socketPath) {
  createServer(socket => {
    createInterface({ input: socket }).on('line', line => {
      const asked = JSON.parse(line)
      WORK[asked.do](asked).then(
        answer => socket.end(JSON.stringify(answer)),
        error => socket.end(JSON.stringify({ error: String(error?.stack ?? error) })),
      )
    })
  })
    .listen(socketPath)
    .unref()
}

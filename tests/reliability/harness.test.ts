// The harness itself: what would make it blind, or its seed a lie.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '#lib/contract/event'
import { patched, pointsIn } from './build-bundle.ts'
import { check, type Evidence } from './checker.ts'
import type { StoredEvent } from './database.ts'
import { countEarly } from './fsync-order.ts'
import { MUTANTS } from './mutants.ts'
import { createRandom } from './random.ts'
import { scenarios } from './registry.ts'
import type { Plan } from './workload.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string) => readFileSync(path.join(root, file), 'utf8')

describe('what is random', () => {
  it('follows from the seed and the name of what it is for', () => {
    const first = (seed: number, name: string) => {
      const random = createRandom(seed, name)
      return Array.from({ length: 20 }, () => random.between(1, 1000))
    }
    expect(first(1, 'kills')).toEqual(first(1, 'kills'))
    expect(first(1, 'kills')).not.toEqual(first(2, 'kills'))
    expect(first(1, 'kills')).not.toEqual(first(1, 'runs'))
  })
})

describe('scenarios', () => {
  it('each have a name of their own and a promise', () => {
    const names = scenarios.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
    for (const { promise } of scenarios) expect(promise.length).toBeGreaterThan(20)
  })
})

describe('mutants', () => {
  it.each(MUTANTS)('$name changes the source that is there now', ({ patches }) => {
    for (const [file, text] of patched(patches, read)) expect(text).not.toBe(read(file))
  })

  it('whose text is gone, or there twice, are refused', () => {
    const patch = { file: 'a.ts', from: 'old', to: 'new' }
    expect(() => patched([patch], () => 'nothing')).toThrow(/0 times in a.ts/)
    expect(() => patched([patch], () => 'old old')).toThrow(/2 times in a.ts/)
  })
})

describe('crash points', () => {
  it('stand on lines of their own, where the build takes them away, and each name once', () => {
    const files = readdirSync(path.join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter(
      file => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'crash-point.ts',
    )
    const calls = files.flatMap(file => read(`lib/${file}`).match(/crashPoint\(/g) ?? [])
    const points = files.flatMap(file => pointsIn(read(`lib/${file}`)))
    expect(points.length).toBeGreaterThan(25)
    expect(points).toHaveLength(calls.length)
    expect(new Set(points).size).toBe(points.length)
  })
})

describe('the trace', () => {
  const wal = '<dev, /data/retrai.db-wal>'
  const frame =
    '7 writev(30<TCP:[127.0.0.1:1->127.0.0.1:2]>, [{iov_base="\\201"}, {iov_base="{\\"kind\\":\\"log\\"'
  it('counts frames that leave while the log is not synced', () => {
    const write = `7 pwrite64(23${wal}, "", 4096, 0) = 4096`
    const sync = `7 fdatasync(23${wal}) = 0`
    expect(countEarly([write, sync, frame].join('\n'))).toEqual({ frames: 1, early: 0, syncs: 1 })
    expect(countEarly([sync, write, frame, sync].join('\n'))).toEqual({ frames: 1, early: 1, syncs: 2 })
  })
})

describe('the checker', () => {
  const event = (seq: number, kind: string, payload: Record<string, unknown> = {}): StoredEvent => ({
    runId: 'run',
    seq,
    kind,
    iteration: 1,
    at: seq * 1000,
    text: JSON.stringify(payload),
    payload,
  })
  const seen = ({ runId, seq, kind, iteration, at, payload }: StoredEvent) =>
    ({ run_id: runId, seq, kind, iteration, ts: at / 1000, payload }) as unknown as RunEvent
  const journal = [
    event(1, 'run_start'),
    event(2, 'model_response'),
    event(3, 'tool_call', { call_id: 'c1', tool: 'bash_exec' }),
    event(4, 'tool_result', { call_id: 'c1', tool: 'bash_exec', status: 'ok' }),
    event(5, 'run_end'),
  ]
  const plan = { index: 0, kind: 'plain', key: 'key-0' } as unknown as Plan
  const evidence = (): Evidence => ({
    stored: {
      integrity: 'ok',
      runs: [{ id: 'run', status: 'achieved', lastSeq: 5, idempotencyKey: 'key-0', reason: null }],
      events: new Map([['run', journal]]),
      gates: [],
    },
    acknowledged: [{ plan, runId: 'run' }],
    keysWithTwoRuns: 0,
    followers: [
      {
        runId: 'run',
        protocol: 'ws',
        events: journal.map(seen),
        gaps: 0,
        duplicates: 0,
        ahead: 0,
        strange: null,
        hasEnded: true,
      },
    ],
    ledger: new Map([['c1', { starts: 1, ends: 1 }]]),
    asks: [{ run: 0, turn: 0, at: 1900 }],
    answers: [],
    aborted: new Set(),
    least: { toolCalls: 1, events: 5 },
  })
  const brokenBy = (change: (evidence: Evidence) => void) => {
    const changed = evidence()
    change(changed)
    return check(changed).broken.map(line => line.split(':')[0])
  }
  const withJournal = (events: StoredEvent[]) => (changed: Evidence) => {
    changed.stored.events = new Map([['run', events]])
  }

  it('finds nothing where all is right', () => {
    expect(brokenBy(() => {})).toEqual([])
  })

  it.each<[string, (evidence: Evidence) => void]>([
    ['tool calls run twice', ({ ledger }) => ledger.set('c1', { starts: 2, ends: 1 })],
    ['unaccounted', ({ ledger }) => ledger.set('c2', { starts: 1, ends: 0 })],
    ['unaccounted', ({ ledger }) => ledger.set('c1', { starts: 1, ends: 0 })],
    ['unaccounted', ({ ledger }) => ledger.clear()],
    ['calls without one result', withJournal(journal.filter(({ kind }) => kind !== 'tool_result'))],
    ['holes', withJournal(journal.filter(({ seq }) => seq !== 2))],
    ['not ended', withJournal(journal.slice(0, 4))],
    ['several ends', withJournal([...journal, event(6, 'run_end')])],
    ['client ahead', withJournal(journal.slice(0, 4))],
    ['client differs', withJournal([event(1, 'log'), ...journal.slice(1)])],
    ['model calls repeated', ({ asks }) => asks.push({ run: 0, turn: 0, at: 2500 })],
    [
      'lost runs',
      ({ stored }) => {
        stored.runs = []
      },
    ],
    ['ended otherwise', ({ stored }) => Object.assign(stored.runs[0]!, { status: 'failed' })],
    ['integrity', ({ stored }) => Object.assign(stored, { integrity: 'row 3 missing' })],
    ['tool calls', ({ least }) => Object.assign(least, { toolCalls: 2 })],
    [
      'gates with two answers',
      ({ stored, answers }) => {
        stored.gates = [{ id: 'g', runId: 'run', decision: 'approve' }]
        answers.push({ gateId: 'g', wanted: 'abort', status: 200, decision: 'abort' })
      },
    ],
  ])('finds %s', (name, change) => {
    expect(brokenBy(change)).toContain(name)
  })
})

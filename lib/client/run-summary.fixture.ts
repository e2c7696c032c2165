// A run summary for tests of this folder.
import type { RunSummary } from '../contract/runs.ts'

export function summary(changes: Partial<RunSummary> = {}): RunSummary {
  return {
    run_id: '550e8400-e29b-41d4-a716-446655440000',
    goal: 'pytest',
    status: 'running',
    created_at: '2026-02-18T12:00:00Z',
    model_name: 'claude-sonnet-4-6',
    max_iterations: 20,
    hitl_enabled: false,
    cwd: '/srv/shop',
    updated_at: '2026-02-18T12:00:00Z',
    ended_at: null,
    phase: null,
    iteration: 0,
    failing: null,
    tests_total: null,
    trend: [],
    insertions: null,
    deletions: null,
    total_tokens: 0,
    estimated_cost_usd: 0,
    max_cost_usd: null,
    outcome: null,
    reason: null,
    gate: null,
    priority: 0,
    queue: null,
    tags: [],
    last_seq: 1,
    scripted: false,
    judged: false,
    ...changes,
  }
}

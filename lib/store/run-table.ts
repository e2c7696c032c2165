// Rows of the run table and what they mean.
import type { Prisma, Run as Row } from '#gen/sqlite/client'
import type { Node, Outcome } from '#lib/contract/events/shared'
import { type GatePolicy, type GatesSkipped, NO_GATES } from '#lib/contract/gate-policy'
import { RUN_STATUSES, type RunSort, type RunStatus } from '#lib/contract/runs'
import type { Db } from './db.ts'
import { orderOf } from './run-sort.ts'
import type { RunDimension, RunFilter, RunRecord, RunRequest, RunSelection } from './types.ts'

const json = <T>(text: string): T => JSON.parse(text) as T // written by toRow below
const jsonOrNull = <T>(text: string | null): T | null => (text === null ? null : json<T>(text))
const numberOrNull = (value: bigint | null) => (value === null ? null : Number(value))

/** A row of before there was what these fields say lacks them. */
function requestOf(row: Row): RunRequest {
  const stored = json<Omit<RunRequest, LaterField> & Partial<Pick<RunRequest, LaterField>>>(row.request)
  const { checkCommand, successCondition } = stored
  const only = {
    goal: row.goal,
    ...(checkCommand !== null && { check_command: checkCommand }),
    ...(successCondition !== null && { success_condition: successCondition }),
  }
  const then = {
    confirm: 0,
    noProgressIterations: 0,
    judged: false,
    network: 'off',
    sandbox: 'auto',
    commandPolicy: {},
    projectPolicy: {},
    config: null,
  } as const
  return { goals: [only], ...then, ...stored }
}
type LaterField =
  | 'goals'
  | 'confirm'
  | 'noProgressIterations'
  | 'judged'
  | 'network'
  | 'sandbox'
  | 'commandPolicy'
  | 'projectPolicy'
  | 'config'

/** Rows of before there was a policy say only whether there are gates. */
function gatesOf(row: Row): Pick<RunRecord, 'gatePolicy' | 'gatesSkipped'> {
  const stored = jsonOrNull<GatePolicy & { skipped: GatesSkipped }>(row.gatePolicy)
  if (stored === null)
    return { gatePolicy: { ...NO_GATES, mode: row.hitlEnabled ? 'each' : 'off' }, gatesSkipped: null }
  const { skipped, ...gatePolicy } = stored
  return { gatePolicy, gatesSkipped: skipped }
}

function fromRow(row: Row): RunRecord {
  return {
    id: row.id,
    goal: row.goal,
    cwd: row.cwd,
    request: requestOf(row),
    caller: row.caller,
    scripted: row.scripted,
    tags: json(row.tags),
    priority: row.priority,
    createdAt: row.createdAt.getTime(),
    idempotency:
      row.idempotencyKey === null ? null : { key: row.idempotencyKey, hash: row.idempotencyHash ?? '' },
    modelName: row.modelName,
    maxIterations: row.maxIterations,
    ...gatesOf(row),
    maxCostUsd: row.maxCostUsd,
    maxTokens: numberOrNull(row.maxTokens),
    maxMinutes: row.maxMinutes,
    // Both columns are only ever written from these unions.
    status: row.status as RunStatus,
    phase: row.phase as Node | null,
    lastSeq: row.lastSeq,
    iteration: row.iteration,
    failing: row.failing,
    testsTotal: row.testsTotal,
    trend: json(row.trend),
    insertions: row.insertions,
    deletions: row.deletions,
    totalTokens: Number(row.totalTokens),
    costUsd: row.costUsd,
    outcome: row.outcome as Outcome | null,
    reason: row.reason,
    error: row.error,
    finalState: jsonOrNull(row.finalState),
    gate: jsonOrNull(row.gate),
    updatedAt: row.updatedAt.getTime(),
    endedAt: row.endedAt?.getTime() ?? null,
  }
}

/** The columns that follow from the journal or from a change of limits. */
export function toProjection(record: RunRecord) {
  return {
    modelName: record.modelName,
    maxIterations: record.maxIterations,
    hitlEnabled: record.gatePolicy.mode !== 'off',
    gatePolicy: JSON.stringify({ ...record.gatePolicy, skipped: record.gatesSkipped }),
    maxCostUsd: record.maxCostUsd,
    maxTokens: record.maxTokens === null ? null : BigInt(record.maxTokens),
    maxMinutes: record.maxMinutes,
    scripted: record.scripted,
    status: record.status,
    phase: record.phase,
    lastSeq: record.lastSeq,
    iteration: record.iteration,
    failing: record.failing,
    testsTotal: record.testsTotal,
    trend: JSON.stringify(record.trend),
    insertions: record.insertions,
    deletions: record.deletions,
    totalTokens: BigInt(record.totalTokens),
    costUsd: record.costUsd,
    outcome: record.outcome,
    reason: record.reason,
    error: record.error,
    finalState: record.finalState === null ? null : JSON.stringify(record.finalState),
    gate: record.gate === null ? null : JSON.stringify(record.gate),
    updatedAt: new Date(record.updatedAt),
    endedAt: record.endedAt === null ? null : new Date(record.endedAt),
  } satisfies Prisma.RunUpdateInput
}

export async function createRun(db: Db, record: RunRecord): Promise<void> {
  await db.run.create({
    data: {
      ...toProjection(record),
      id: record.id,
      goal: record.goal,
      goalName: record.request.goalName,
      cwd: record.cwd,
      request: JSON.stringify(record.request),
      caller: record.caller,
      priority: record.priority,
      tags: JSON.stringify(record.tags),
      createdAt: new Date(record.createdAt),
      idempotencyKey: record.idempotency?.key ?? null,
      idempotencyHash: record.idempotency?.hash ?? null,
    },
  })
}

export async function getRun(db: Db, id: string): Promise<RunRecord | null> {
  const row = await db.run.findUnique({ where: { id } })
  return row && fromRow(row)
}

export async function findByIdempotencyKey(db: Db, key: string): Promise<RunRecord | null> {
  const row = await db.run.findUnique({ where: { idempotencyKey: key } })
  return row && fromRow(row)
}

export async function listRuns(db: Db, filter: RunFilter): Promise<RunRecord[]> {
  const { column, isNullable, descending } = orderOf(filter.sort)
  const direction = descending ? 'desc' : 'asc'
  const rows = await db.run.findMany({
    where: { AND: [...conditionsOf(filter), ...(filter.after ? [beyond(filter.after, filter.sort)] : [])] },
    orderBy: [{ [column]: isNullable ? { sort: direction, nulls: 'last' } : direction }, { id: direction }],
    take: filter.limit,
  })
  return rows.map(fromRow)
}

export async function countRuns(
  db: Db,
  selection: RunSelection,
  by: RunDimension,
): Promise<{ value: string; count: number }[]> {
  const counted = await db.run.groupBy({
    by: [by],
    where: { AND: conditionsOf(selection) },
    _count: { _all: true },
  })
  return counted
    .map(group => ({ value: group[by], count: group._count._all }))
    .sort((a, b) => b.count - a.count || a.value.localeCompare(b.value))
}

function conditionsOf(filter: RunSelection): Prisma.RunWhereInput[] {
  const conditions: Prisma.RunWhereInput[] = []
  if (filter.status) conditions.push({ status: { in: filter.status } })
  if (filter.goal) conditions.push({ OR: [{ goal: { in: filter.goal } }, { goalName: { in: filter.goal } }] })
  if (filter.cwd) conditions.push({ cwd: { in: filter.cwd } })
  if (filter.modelName) conditions.push({ modelName: { in: filter.modelName } })
  if (filter.since !== undefined) conditions.push({ createdAt: { gte: new Date(filter.since) } })
  if (filter.text) {
    const contains = filter.text
    conditions.push({
      OR: [{ goal: { contains } }, { cwd: { contains } }, { id: { contains } }, { tags: { contains } }],
    })
  }
  return conditions
}

/** Runs that come after the one with this value: the id decides between equal ones. */
function beyond(
  { value, id }: NonNullable<RunFilter['after']>,
  sort: RunSort | undefined,
): Prisma.RunWhereInput {
  const { column, isNullable, descending } = orderOf(sort)
  const further = <T>(than: T) => (descending ? { lt: than } : { gt: than })
  if (value === null) return { [column]: null, id: further(id) }
  const typed =
    column === 'createdAt' || column === 'updatedAt'
      ? new Date(value)
      : column === 'totalTokens'
        ? BigInt(value)
        : value
  return {
    OR: [
      { [column]: further(typed) },
      { [column]: typed, id: further(id) },
      ...(isNullable ? [{ [column]: null }] : []),
    ],
  }
}

export async function listUnfinished(db: Db): Promise<RunRecord[]> {
  const rows = await db.run.findMany({
    where: { status: { in: ['queued', 'running', 'waiting', 'paused'] } },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  })
  return rows.map(fromRow)
}

export async function countByStatus(db: Db): Promise<Record<RunStatus, number>> {
  const counts = Object.fromEntries(RUN_STATUSES.map(status => [status, 0])) as Record<RunStatus, number>
  for (const group of await db.run.groupBy({ by: ['status'], _count: { _all: true } })) {
    counts[group.status as RunStatus] = group._count._all
  }
  return counts
}

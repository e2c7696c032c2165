import type { Metadata } from 'next'
import { EMPTY_FORM, formOfRun, type NewRunForm } from '#lib/client/new-run'
import { isAppError } from '#lib/errors'
import { runtime } from '#lib/runtime'
import { originOfRequest } from '../../_ui/origin.ts'
import { NewRunPage } from './new-run-page.tsx'

export const metadata: Metadata = { title: 'New run' }

type Search = Record<string, string | string[] | undefined>

export default async function Page({ searchParams }: { searchParams: Promise<Search> }) {
  const search = await searchParams
  const { runs, goals, models, defaultCwd, sandbox } = runtime()
  const [{ runs: recent }, from, origin] = await Promise.all([
    runs.list({ limit: 200 }),
    startingPoint(first(search.from)),
    originOfRequest(),
  ])
  const given = from ?? { ...EMPTY_FORM, cwd: defaultCwd, model_name: defaultModel() }
  const form: NewRunForm = {
    ...given,
    goal: first(search.goal) ?? given.goal,
    cwd: first(search.cwd) ?? given.cwd,
    model_name: first(search.model) ?? given.model_name,
  }
  return (
    <NewRunPage
      key={JSON.stringify(search)}
      initial={form}
      goals={goals.list()}
      models={models.list()}
      directories={[...new Set([defaultCwd, ...recent.map(r => r.cwd)])]}
      origin={origin}
      sandboxed={sandbox.mode !== 'off'}
    />
  )

  /** The usual one where its key is there, else the first that can be used at once. */
  function defaultModel(): string {
    const known = models.list()
    const usable = known.filter(m => m.available && !m.scripted)
    return (usable.find(m => m.name === 'claude-sonnet-4-6') ?? usable[0])?.name ?? 'claude-sonnet-4-6'
  }
}

const first = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value)

/** The form of the run named by `?from=`; null without one, or when it is not known here. */
async function startingPoint(runId: string | undefined): Promise<NewRunForm | null> {
  if (!runId) return null
  try {
    return formOfRun(await runtime().runs.get(runId))
  } catch (error) {
    if (isAppError(error) && error.code === 'run_not_found') return null
    throw error
  }
}

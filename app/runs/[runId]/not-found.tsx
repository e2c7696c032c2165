import Link from 'next/link'
import { goalTitle, projectName, shortId } from '#lib/client/format'
import { runtime } from '#lib/runtime'
import { ButtonLink } from '../../_ui/button.tsx'
import { Main } from '../../_ui/main.tsx'
import { Empty } from '../../_ui/panel.tsx'
import { StatusBadge } from '../../_ui/status-icon.tsx'
import { TopBar } from '../../_ui/top-bar.tsx'

/** The run is not here: say why that can be, and show what is. */
export default async function RunNotFound() {
  const { runs } = await runtime().runs.list({ limit: 5 })
  return (
    <>
      <TopBar crumbs={[{ label: 'Runs', href: '/runs' }, { label: 'Run not found' }]} />
      <Main>
        <Empty
          title="There is no run with this id"
          actions={
            <>
              <ButtonLink href="/runs">All runs</ButtonLink>
              <ButtonLink href="/runs/new">New run</ButtonLink>
            </>
          }
        >
          The link may be cut short: a run’s address ends with its whole id. Or the run was started on another
          server, or with another data directory.
        </Empty>
        {runs.length > 0 && (
          <section className="mx-auto max-w-2xl px-4 pb-10">
            <h2 className="mb-1 text-muted">The newest runs here</h2>
            <ul className="divide-y rounded-lg border">
              {runs.map(run => (
                <li key={run.run_id}>
                  <Link
                    href={`/runs/${run.run_id}`}
                    className="flex min-h-9 items-center gap-3 px-3 py-1.5 hover:bg-raised coarse:min-h-11"
                  >
                    <StatusBadge status={run.status} className="w-24" />
                    <span className="min-w-0 flex-1 truncate">
                      {goalTitle(run.goal)} <span className="text-muted">in {projectName(run.cwd)}</span>
                    </span>
                    <code className="text-muted">{shortId(run.run_id)}</code>
                  </Link>
                </li>
              ))}
            </ul>
          </section>
        )}
      </Main>
    </>
  )
}

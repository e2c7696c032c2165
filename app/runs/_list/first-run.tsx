import { Plus } from 'lucide-react'
import type { ReactNode } from 'react'
import { ButtonLink } from '../../_ui/button.tsx'
import { Snippet } from '../../_ui/snippet.tsx'
import { PlayDemo } from './play-demo.tsx'

/** No runs yet: how to start one, in a way that works as it stands. The page listens and shows the first by itself. */
export function FirstRun({ origin, cwd }: { origin: string; cwd: string }) {
  const curl = [
    `curl -sS -X POST ${origin}/api/runs \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d '${JSON.stringify({ goal: 'pytest', cwd, max_iterations: 5 })}'`,
  ].join('\n')
  return (
    <div className="mx-auto max-w-2xl px-4 py-10 sm:py-16">
      <h2 className="text-xl font-semibold tracking-tight">No runs yet</h2>
      <p className="mt-1 text-muted">
        A run lets an agent work on a project until the goal’s own check passes. Start one in any of these
        ways: this page is listening and shows it as soon as it appears.
      </p>
      <ol className="mt-8 space-y-6">
        <Way number={1} title="In the browser">
          <ButtonLink
            kind="primary"
            href="/runs/new"
            hint="n"
            icon={<Plus aria-hidden className="size-3.5" />}
          >
            New run
          </ButtonLink>
        </Way>
        <Way number={2} title="From a terminal, in your project">
          <Snippet text="retrai run pytest --gate" label="Start a run from a terminal" />
        </Way>
        <Way number={3} title="From a script">
          <Snippet text={curl} label="Start a run with curl" />
        </Way>
      </ol>
      <div className="mt-8 rounded-lg border bg-panel p-4">
        <h3 className="font-medium">No API key? Watch the demo</h3>
        <p className="mt-0.5 mb-3 text-muted">
          It replays a recorded conversation with real tools on a small project: offline, without tokens, in
          about a minute.
        </p>
        <PlayDemo />
        <p className="mt-3 mb-1 text-muted">Or from a terminal, with a server of its own:</p>
        <Snippet text="npx retrai demo" label="Play the demo in a terminal" className="bg-bg" />
      </div>
    </div>
  )
}

function Way({ number, title, children }: { number: number; title: string; children: ReactNode }) {
  return (
    <li className="flex gap-3">
      <span
        aria-hidden
        className="mt-0.5 grid size-5 shrink-0 place-items-center rounded-full border border-line text-2xs text-muted"
      >
        {number}
      </span>
      <div className="min-w-0 flex-1 space-y-2">
        <h3 className="font-medium">{title}</h3>
        {children}
      </div>
    </li>
  )
}

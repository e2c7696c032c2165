import { asCli, asCurl, type StartRunInput } from '#lib/client/new-run'
import { asProjectFile } from '#lib/client/project-settings'
import { Snippet } from '../../_ui/snippet.tsx'

/** The same run from a terminal or a script, as the form stands. */
export function Equivalent({
  body,
  origin,
  isByProject,
}: {
  body: StartRunInput
  origin: string
  /** The goal is left to the project. */
  isByProject: boolean
}) {
  // A goal that is left to the project is blank; one that is still to be chosen stands as an example.
  const shown = body.goal === '' && !isByProject ? { ...body, goal: 'pytest' } : body
  const { command, missing } = asCli(shown)
  return (
    <aside
      aria-label="The same from a terminal"
      className="min-w-0 space-y-4 self-start @4xl:sticky @4xl:top-6"
    >
      <h2 className="font-medium">The same from a terminal</h2>
      <div>
        <h3 className="mb-1 text-xs text-muted">Command line</h3>
        <Snippet text={command} label="Command line" />
        {missing.length > 0 && (
          <p className="mt-1 text-xs text-muted">
            No flag for {missing.join(', ').replaceAll('_', ' ')}: use the API.
          </p>
        )}
      </div>
      <div>
        <h3 className="mb-1 text-xs text-muted">API</h3>
        <Snippet text={asCurl(shown, origin)} label="API call with curl" />
      </div>
      <div>
        <h3 className="mb-1 text-xs text-muted">
          For the project, as <code>.retrai.yml</code>
        </h3>
        <Snippet text={asProjectFile(shown).trimEnd()} label="The project’s own settings" />
        <p className="mt-1 text-xs text-muted">
          With this file in the directory, <code>retrai run</code> needs no more words.
        </p>
      </div>
    </aside>
  )
}

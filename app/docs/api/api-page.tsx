'use client'
import { Search } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { type ApiReference, apiReference, type Operation } from '#lib/client/api-reference'
import { UnreachableError } from '#lib/client/call'
import { count } from '#lib/client/format'
import { messageOf } from '#lib/errors'
import { Input } from '../../_ui/field.tsx'
import { Main } from '../../_ui/main.tsx'
import { Empty, Failure, Loading } from '../../_ui/panel.tsx'
import { useShortcuts } from '../../_ui/shortcuts.tsx'
import { Snippet } from '../../_ui/snippet.tsx'
import { TopBar } from '../../_ui/top-bar.tsx'
import { OperationView } from './operation-view.tsx'
import { SchemaView } from './schema-view.tsx'

type State = { at: 'loading' } | { at: 'ready'; reference: ApiReference } | { at: 'failed'; reason: string }

/** The API as the server publishes it, made readable here: nothing comes from elsewhere. */
export function ApiPage({ origin }: { origin: string }) {
  const [state, setState] = useState<State>({ at: 'loading' })
  const [again, setAgain] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `again` is a reason to ask once more
  useEffect(() => {
    const stop = new AbortController()
    setState({ at: 'loading' })
    readDocument(stop.signal).then(
      reference => setState({ at: 'ready', reference }),
      error => {
        if (!stop.signal.aborted) setState({ at: 'failed', reason: messageOf(error) })
      },
    )
    return () => stop.abort()
  }, [again])
  return (
    <>
      <TopBar crumbs={[{ label: 'API' }]} />
      <Main>
        {state.at === 'loading' && <Loading rows={10} label="Loading the reference" />}
        {state.at === 'failed' && (
          <Failure
            title="The document could not be read"
            detail={state.reason}
            onRetry={() => setAgain(n => n + 1)}
          />
        )}
        {state.at === 'ready' && <Reference reference={state.reference} origin={origin} />}
      </Main>
    </>
  )
}

async function readDocument(signal: AbortSignal): Promise<ApiReference> {
  const response = await fetch('/api/openapi.json', { signal }).catch(error => {
    signal.throwIfAborted()
    throw new UnreachableError(error)
  })
  if (!response.ok) throw new Error(`The server answered with status ${response.status}; look at its log`)
  return apiReference(await response.json())
}

function Reference({ reference, origin }: { reference: ApiReference; origin: string }) {
  const [text, setText] = useState('')
  const search = useRef<HTMLInputElement>(null)
  useShortcuts('page', [{ keys: '/', does: 'Search', hint: 'search', run: () => search.current?.focus() }])
  useAnchor()
  const wanted = text.trim().toLowerCase()
  const groups = reference.groups
    .map(group => ({ ...group, operations: group.operations.filter(one => fits(one, wanted)) }))
    .filter(group => group.operations.length > 0)
  const schemas = reference.schemas.filter(({ name }) => name.toLowerCase().includes(wanted))
  const found = groups.reduce((sum, group) => sum + group.operations.length, 0)
  return (
    <div className="mx-auto grid max-w-6xl gap-x-10 p-4 @4xl:grid-cols-[14rem_minmax(0,1fr)] @4xl:p-6">
      <nav
        aria-label="Operations"
        className="hidden max-h-[calc(100dvh-8rem)] self-start overflow-y-auto @4xl:sticky @4xl:top-6 @4xl:block"
      >
        {groups.map(group => (
          <div key={group.tag} className="mb-4">
            <p className="mb-1 text-2xs font-semibold tracking-wide text-muted uppercase">{group.tag}</p>
            <ul>
              {group.operations.map(one => (
                <li key={one.id}>
                  <a
                    href={`#${one.id}`}
                    className="flex min-h-6 items-center rounded-sm text-muted -outline-offset-2 hover:text-text coarse:min-h-11"
                  >
                    {one.id}
                  </a>
                </li>
              ))}
            </ul>
          </div>
        ))}
        {schemas.length > 0 && (
          <a href="#schemas" className="flex min-h-6 items-center -outline-offset-2 coarse:min-h-11">
            Schemas
          </a>
        )}
      </nav>
      <div className="min-w-0 space-y-10">
        <header className="space-y-4">
          <p>
            {reference.description}{' '}
            <a href="/api/openapi.json" className="text-accent underline">
              openapi.json
            </a>{' '}
            <span className="text-muted">version {reference.version}</span>
          </p>
          <Snippet text={`curl -sS ${origin}/api/runs`} label="The newest runs" />
          <search className="relative block max-w-80">
            <span aria-hidden className="absolute inset-y-0 left-2 grid place-items-center text-muted">
              <Search className="size-3.5" />
            </span>
            <Input
              ref={search}
              type="search"
              aria-label="Search the reference"
              value={text}
              placeholder="Path, name or words"
              className="pl-7"
              onChange={event => setText(event.currentTarget.value)}
              onKeyDown={event => event.key === 'Escape' && event.currentTarget.blur()}
            />
          </search>
          <p role="status" className="sr-only">
            {wanted !== '' && `${count(found, 'operation')}, ${count(schemas.length, 'schema')}`}
          </p>
        </header>
        {found === 0 && schemas.length === 0 && <Empty title={`Nothing is called «${text.trim()}»`} />}
        {groups.map(group => (
          <section key={group.tag} aria-label={group.tag} className="space-y-8">
            <h2 className="border-b pb-2 text-lg font-semibold first-letter:uppercase">{group.tag}</h2>
            {group.operations.map(one => (
              <OperationView key={one.id} operation={one} origin={origin} />
            ))}
          </section>
        ))}
        {schemas.length > 0 && (
          <section id="schemas" aria-label="Schemas" className="scroll-mt-4 space-y-6">
            <h2 className="border-b pb-2 text-lg font-semibold">Schemas</h2>
            {schemas.map(schema => (
              <SchemaView key={schema.name} schema={schema} />
            ))}
          </section>
        )}
      </div>
    </div>
  )
}

const fits = ({ id, method, path, summary }: Operation, wanted: string) =>
  wanted === '' || `${id} ${method} ${path} ${summary}`.toLowerCase().includes(wanted)

/** What the address names is there only now: the browser looked for it before. */
function useAnchor() {
  useEffect(() => {
    const id = decodeURIComponent(window.location.hash.slice(1))
    if (id !== '') document.getElementById(id)?.scrollIntoView()
  }, [])
}

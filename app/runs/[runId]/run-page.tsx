'use client'
import clsx from 'clsx'
import dynamic from 'next/dynamic'
import { useEffect, useRef, useState } from 'react'
import { goalTitle } from '#lib/client/format'
import { isFinal, STATUS_WORD } from '#lib/client/status'
import type { EventOf } from '#lib/contract/event'
import type { RunView } from '#lib/contract/run-view'
import type { Run } from '#lib/contract/runs'
import type { RunEventsSeed } from '../../_hooks/run-events.ts'
import { usePanes } from '../../_hooks/use-panes.ts'
import { useRunEvents } from '../../_hooks/use-run-events.ts'
import { Button } from '../../_ui/button.tsx'
import { Loading } from '../../_ui/panel.tsx'
import type { Panes } from '../../_ui/panes.ts'
import { TopBar } from '../../_ui/top-bar.tsx'
import { visible } from '../../_ui/visible-text.ts'
import { Activity } from './activity.tsx'
import { Announcer } from './announcer.tsx'
import { ExtendRun } from './extend-run.tsx'
import { type GateHandle, GatePanel } from './gate-panel.tsx'
import { GatesSkipped } from './gates-skipped.tsx'
import { IterationRail } from './iteration-rail.tsx'
import { PanelBoundary } from './panel-boundary.tsx'
import { type PausedHandle, PausedPanel } from './paused-panel.tsx'
import { RunActions } from './run-actions.tsx'
import { RunHeader } from './run-header.tsx'
import { RunTabs } from './run-tabs.tsx'
import { useRunUrl } from './run-url.ts'
import { useInLine } from './use-in-line.ts'

const loading = () => <Loading rows={8} />
const Changes = dynamic(() => import('./changes.tsx').then(m => m.Changes), { loading })
const Checks = dynamic(() => import('./checks.tsx').then(m => m.Checks), { loading })
const Usage = dynamic(() => import('./usage.tsx').then(m => m.Usage), { loading })
const Config = dynamic(() => import('./config.tsx').then(m => m.Config), { loading })

export function RunPage({
  seed,
  origin,
  sandboxNote,
  initialPanes,
}: {
  seed: RunEventsSeed
  origin: string
  sandboxNote: string | null
  initialPanes: Panes
}) {
  const store = useRunEvents(seed.run.run_id, seed)
  const [url, change] = useRunUrl()
  const [panes, changePane] = usePanes(initialPanes)
  const gatePanel = useRef<GateHandle>(null)
  const pausedPanel = useRef<PausedHandle>(null)
  const [isGateSmall, setGateSmall] = useState(false)
  /** Why a decision of this page did not count: its gate is gone, so the page says it. */
  const [tooLate, setTooLate] = useState<string | null>(null)
  const [wantsLimits, setWantsLimits] = useState(false)
  const view = store.view()
  const run = useInLine(view.run ?? seed.run)
  const isLive = !isFinal(run.status)
  useTitle(run)

  function askInPanel(): (() => void) | null {
    if (view.gate) return () => gatePanel.current?.askAbort()
    return run.status === 'paused' ? () => pausedPanel.current?.askAbort() : null
  }

  // A notification leads to the gate: there, once, the focus belongs.
  const wantsGate = useRef(url.gate !== null)
  useEffect(() => {
    if (!wantsGate.current) return
    wantsGate.current = false
    gatePanel.current?.focus()
    change({ gate: null })
  }, [change])

  return (
    <>
      <TopBar crumbs={[{ label: 'Runs', href: '/runs' }, { label: visible(goalTitle(run.goal)) }]}>
        <RunActions run={run} origin={origin} onPanelAbort={askInPanel()} />
      </TopBar>
      <main id="main" tabIndex={-1} className="@container/page flex min-h-0 min-w-0 flex-1 flex-col">
        <Announcer view={view} run={run} />
        {tooLate && (
          <div
            role="alert"
            className="flex items-center gap-3 border-b bg-gate-tint px-3 py-1.5 text-gate-text sm:px-4"
          >
            <span className="min-w-0 flex-1">Your decision came too late. {tooLate}.</span>
            <Button kind="quiet" onClick={() => setTooLate(null)}>
              Close
            </Button>
          </div>
        )}
        <PanelBoundary name="The head of the run" compact>
          <RunHeader
            run={run}
            phase={view.phase}
            sandboxNote={sandboxNote}
            onLimits={() => {
              setWantsLimits(true)
              change({ tab: 'config' }, 'push')
            }}
          />
        </PanelBoundary>
        <PanelBoundary name="Which gates are skipped" compact>
          <GatesSkipped run={run} />
        </PanelBoundary>
        {run.status === 'exhausted' && (
          <PanelBoundary name="Extending the run" compact>
            <ExtendRun run={run} />
          </PanelBoundary>
        )}
        {run.status === 'paused' && (
          <PanelBoundary name="Why the run is paused" compact>
            <PausedPanel run={run} paused={newestPause(view)} handle={pausedPanel} />
          </PanelBoundary>
        )}
        <div
          className={clsx(
            'flex min-h-0 min-w-0 flex-1 flex-col overflow-hidden',
            // Folded away, the iterations are a line above.
            panes.rail.open && '@min-[1000px]/page:flex-row',
            // A phone has room for one of the two.
            view.gate && !isGateSmall && 'max-sm:hidden',
          )}
        >
          <PanelBoundary name="The iterations" compact>
            <IterationRail
              run={run}
              pane={panes.rail}
              changePane={changePane}
              iterations={view.iterations}
              chosen={url.iter}
              from={url.from}
              onChoose={iter => change({ iter, from: null, ev: null, file: null }, 'push')}
              onRange={(from, to) => change({ tab: 'changes', iter: to, from, ev: null, file: null }, 'push')}
            />
          </PanelBoundary>
          <div className="@container flex min-h-0 min-w-0 flex-1 flex-col">
            <RunTabs
              tab={url.tab}
              counts={{
                activity: run.last_seq,
                changes: view.totalDiff?.files || undefined,
                checks: run.trend.length || undefined,
              }}
              onChoose={tab => {
                setWantsLimits(false)
                change({ tab, file: null }, 'push')
              }}
            />
            {url.iter !== null && (
              <div className="flex h-8 shrink-0 items-center gap-2 border-b bg-panel px-3 text-xs">
                {url.from === null || url.tab !== 'changes'
                  ? `Viewing iteration ${url.iter}`
                  : `Viewing iterations ${url.from} to ${url.iter}`}
                <Button
                  kind="quiet"
                  className="h-6!"
                  onClick={() => change({ iter: null, from: null }, 'push')}
                  hint="Esc"
                >
                  {isLive ? '● back to live' : 'all iterations'}
                </Button>
              </div>
            )}
            <div
              id="run-view"
              role="tabpanel"
              aria-labelledby={`tab-${url.tab}`}
              className="@container flex min-h-0 min-w-0 flex-1 flex-col"
            >
              <PanelBoundary key={url.tab} name="This view">
                {url.tab === 'activity' && (
                  <Activity
                    store={store}
                    run={run}
                    url={url}
                    change={change}
                    pane={panes.inspector}
                    changePane={changePane}
                  />
                )}
                {url.tab === 'changes' && <Changes run={run} view={view} url={url} change={change} />}
                {url.tab === 'checks' && <Checks run={run} store={store} url={url} />}
                {url.tab === 'usage' && <Usage run={run} store={store} url={url} />}
                {url.tab === 'config' && (
                  <Config run={run} origin={origin} notes={view.notes} startsAtLimits={wantsLimits} />
                )}
              </PanelBoundary>
            </div>
          </div>
        </div>
        {view.gate && (
          <PanelBoundary name="The gate" compact>
            <GatePanel
              key={view.gate.payload.gate_id}
              run={run}
              gate={view.gate}
              isSmall={isGateSmall}
              setSmall={setGateSmall}
              onTooLate={setTooLate}
              handle={gatePanel}
            />
          </PanelBoundary>
        )}
      </main>
    </>
  )
}

const newestPause = (view: RunView) =>
  (view.events.findLast(event => event.kind === 'paused') as EventOf<'paused'> | undefined) ?? null // found by its kind

/** `running 7/20 · pytest — retrAI`, at most once a second. */
function useTitle(run: Run) {
  const place = run.iteration > 0 ? ` ${run.iteration}/${run.max_iterations}` : ''
  const title = `${STATUS_WORD[run.status]}${place} · ${visible(goalTitle(run.goal))} — retrAI`
  useEffect(() => {
    const timer = setTimeout(() => {
      document.title = title
    }, 1000)
    return () => clearTimeout(timer)
  }, [title])
}

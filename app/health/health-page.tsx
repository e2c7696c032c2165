'use client'
import { RefreshCw } from 'lucide-react'
import Link from 'next/link'
import { useState } from 'react'
import { call } from '#lib/client/call'
import { getServer, listModels } from '#lib/client/endpoints'
import { bytes, cost, count } from '#lib/client/format'
import { diagnostics, type Finding, findingsOf, providersOf } from '#lib/client/health'
import type { ModelInfo } from '#lib/contract/models'
import { sandboxText } from '#lib/contract/sandbox-mode'
import type { LogEntry, ServerInfo } from '#lib/contract/server'
import { messageOf } from '#lib/errors'
import { Ago } from '../_ui/ago.tsx'
import { Button } from '../_ui/button.tsx'
import { CopyButton } from '../_ui/copy-button.tsx'
import { Main } from '../_ui/main.tsx'
import { Notice, Panel } from '../_ui/panel.tsx'
import { useShortcuts } from '../_ui/shortcuts.tsx'
import { TopBar } from '../_ui/top-bar.tsx'
import { useCutOff } from '../_ui/use-cut-off.ts'
import { FindingRow } from './finding-row.tsx'
import { LogPanel } from './log-panel.tsx'
import { ProviderList } from './provider-list.tsx'

interface Health {
  server: ServerInfo
  models: ModelInfo[]
}

/** How the server is, and for each thing that is not well, what to do. */
export function HealthPage({ initial, log }: { initial: Health; log: LogEntry[] }) {
  const [{ server, models }, setHealth] = useState(initial)
  const [isPending, setPending] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const cutOff = useCutOff()

  async function look() {
    setPending(true)
    setProblem(null)
    try {
      const [found, known] = await Promise.all([call(getServer, {}), call(listModels, {})])
      setHealth({ server: found, models: known })
    } catch (error) {
      setProblem(messageOf(error))
    }
    setPending(false)
  }
  useShortcuts('page', [{ keys: 'r', does: 'Test again', hint: 'test again', run: () => void look() }])

  const { ready } = server.readiness
  return (
    <>
      <TopBar crumbs={[{ label: 'Health' }]}>
        <CopyButton text={diagnostics(server, models, log)} label="Copy diagnostics" />
        <Button
          hint="r"
          blocked={cutOff}
          disabled={isPending}
          icon={<RefreshCw aria-hidden className="size-3.5" />}
          onClick={() => void look()}
        >
          {isPending ? 'Testing…' : 'Test again'}
        </Button>
      </TopBar>
      <Main>
        <div className="mx-auto grid max-w-6xl items-start gap-4 p-3 sm:p-4 @4xl:grid-cols-2">
          {problem && (
            <div role="alert" className="@4xl:col-span-2">
              <Notice tone="err">{problem}</Notice>
            </div>
          )}
          <Panel title={ready ? 'Ready' : 'Not ready: no run can be taken'}>
            <FindingList findings={findingsOf(server)} />
          </Panel>
          <div className="grid min-w-0 gap-4">
            <Panel title="Models">
              <ProviderList providers={providersOf(models)} />
              <p className="border-t px-3 py-2 text-xs text-muted">
                Keys are read from the environment when the server starts, and are never shown. One provider
                is enough.
              </p>
            </Panel>
            <Panel title="Server">
              <Facts server={server} />
            </Panel>
            <Panel title="For programs">
              <ul className="space-y-1 p-3">
                <Endpoint path="/healthz" says="the process answers" />
                <Endpoint path="/readyz" says="runs can be taken, else 503 and why" />
                <Endpoint path="/metrics" says="numbers for Prometheus" />
                <Endpoint path="/api/openapi.json" says="the whole contract" />
                <li>
                  <Link href="/docs/api" className="text-accent underline">
                    API reference
                  </Link>{' '}
                  <span className="text-muted">the same, to be read</span>
                </li>
              </ul>
            </Panel>
          </div>
          <LogPanel initial={log} asOf={server} />
        </div>
      </Main>
    </>
  )
}

function FindingList({ findings }: { findings: Finding[] }) {
  return (
    <ul className="divide-y">
      {findings.map(finding => (
        <FindingRow key={finding.name} finding={finding} />
      ))}
    </ul>
  )
}

function Facts({ server }: { server: ServerInfo }) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 p-3 [&>dt]:text-muted">
      <dt>Version</dt>
      <dd>
        {server.version} on Node {server.node}, {server.platform}
      </dd>
      <dt>Running for</dt>
      <dd>
        <Ago at={server.started_at} />, {bytes(server.memory_bytes)} of memory
      </dd>
      <dt>Spent today</dt>
      <dd>
        {cost(server.spent_today_usd)}{' '}
        <span className="text-muted">
          by model calls since midnight, where the server is
          {server.unpriced_calls_today > 0 &&
            `; ${count(server.unpriced_calls_today, 'call')} without a known price not counted`}
        </span>
      </dd>
      <dt>Address</dt>
      <dd>{server.address ?? 'it is starting'}</dd>
      <dt>Access</dt>
      <dd>{server.needs_token ? 'with a token' : 'without a token, from this machine only'}</dd>
      <dt>Directory</dt>
      <dd>
        <code>{server.default_cwd}</code> <span className="text-muted">where a request names none</span>
      </dd>
      <dt>May work in</dt>
      <dd>
        {server.allowed_roots === null
          ? 'any project; not in system folders, whole homes and its own data'
          : server.allowed_roots.map(root => (
              <code key={root} className="block">
                {root}
              </code>
            ))}
      </dd>
      <dt>Sandbox</dt>
      <dd>
        {sandboxText(server.sandbox.mode)}
        {server.sandbox.required && ', required'}
      </dd>
    </dl>
  )
}

function Endpoint({ path, says }: { path: string; says: string }) {
  return (
    <li>
      {/* Not a page of the dashboard. */}
      <a href={path} className="text-accent underline">
        <code>{path}</code>
      </a>{' '}
      <span className="text-muted">{says}</span>
    </li>
  )
}

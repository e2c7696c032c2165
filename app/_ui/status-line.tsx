'use client'
import { ShieldOff } from 'lucide-react'
import { cost, count } from '#lib/client/format'
import { activeShortcuts, keyLabels, keysOf } from '#lib/client/shortcuts'
import type { Spend } from '#lib/contract/live'
import { useIsMac } from '../_hooks/use-is-mac.ts'
import { Kbd } from './kbd.tsx'
import { useActiveRuns, useConnection, useSpend } from './live-provider.tsx'
import { useRegisteredShortcuts, useShortcutSettings } from './shortcuts.tsx'

const CONNECTION_WORDS = {
  connecting: 'connecting',
  live: 'connected',
  reconnecting: 'reconnecting',
  offline: 'server not reachable',
}

/** The foot of the desktop page: connection, server, what runs, and the keys of where you are. */
export function StatusLine({
  version,
  sandboxed,
  initialSpend,
}: {
  version: string
  sandboxed: boolean
  initialSpend: Spend
}) {
  const spend = useSpend() ?? initialSpend
  const connection = useConnection()
  const active = useActiveRuns()
  const running = active.filter(r => r.status === 'running').length
  const queued = active.filter(r => r.status === 'queued').length
  return (
    <footer className="hidden h-7 shrink-0 items-center gap-3 border-t bg-panel px-3 text-2xs text-muted sm:flex">
      <span>{CONNECTION_WORDS[connection.state]}</span>
      <span>v{connection.version ?? version}</span>
      <span className="whitespace-nowrap">
        {running} running{queued > 0 && ` / ${count(queued, 'queued', 'queued')}`}
      </span>
      <span
        className="whitespace-nowrap"
        title={`By model calls since midnight, where the server is${spend.unpriced_calls > 0 ? `; ${count(spend.unpriced_calls, 'call')} without a known price not counted` : ''}`}
      >
        {cost(spend.usd)}
        {spend.unpriced_calls > 0 && '+'} today
      </span>
      {!sandboxed && (
        <span
          className="flex items-center gap-1 whitespace-nowrap text-err"
          title="Checks and commands of runs can touch everything this server's user can"
        >
          <ShieldOff aria-hidden className="size-3" />
          Commands are not sandboxed
        </span>
      )}
      {connection.version !== null && connection.version !== version && (
        <span className="whitespace-nowrap text-warn">The server was updated: reload the page</span>
      )}
      <Hints />
    </footer>
  )
}

function Hints() {
  const isMac = useIsMac()
  const { singleKeys, openSheet } = useShortcutSettings()
  const active = activeShortcuts(useRegisteredShortcuts(), singleKeys)
  const hinted = [...new Set(active.values())].filter(s => s.hint && s.hint !== 'keys' && s.hint !== 'find')
  return (
    <div className="ml-auto flex items-center gap-3 overflow-hidden whitespace-nowrap">
      {hinted.slice(0, 5).map(s => (
        <span key={s.does} className="hidden items-center gap-1 lg:flex">
          {keyLabels(keysOf(s)[0] ?? '', isMac).map(label => (
            <Kbd key={label}>{label}</Kbd>
          ))}
          {s.hint}
        </span>
      ))}
      <button
        type="button"
        onClick={openSheet}
        className="flex h-6 items-center gap-1 rounded-sm px-1 hover:text-text"
      >
        <Kbd>?</Kbd> keys
      </button>
    </div>
  )
}

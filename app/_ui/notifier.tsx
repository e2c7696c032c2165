'use client'
// Tells a person who looks elsewhere: one tab of all that are open rings, at once, and takes back what no longer holds.
import { usePathname, useRouter } from 'next/navigation'
import { useEffect, useRef } from 'react'
import { type Notice, noticeOf, outdatedTag } from '#lib/client/notices'
import type { RunSummary } from '#lib/contract/runs'
import { useNoticeSettings } from '../_hooks/use-notice-settings.ts'
import { chime } from './chime.ts'
import { useActiveRuns, useLive } from './live-provider.tsx'

export function Notifier() {
  const live = useLive()
  const router = useRouter()
  const pathname = usePathname()
  const [settings] = useNoticeSettings()
  const leads = useLeadership()
  const active = useActiveRuns()
  const known = useRef<Map<string, RunSummary> | null>(null)
  known.current ??= new Map(active.map(run => [run.run_id, run]))
  const shown = useRef(new Map<string, Notification>())
  function tell(notice: Notice) {
    if (settings.sound) chime()
    if (!settings.desktop || !canNotify() || Notification.permission !== 'granted') return
    try {
      const made = new Notification(notice.title, { body: notice.body, tag: notice.tag, icon: '/icon.svg' })
      shown.current.set(notice.tag, made)
      made.onclose = () => shown.current.delete(notice.tag)
      made.onclick = () => {
        window.focus()
        made.close()
        router.push(notice.href)
      }
    } catch {
      // Some mobile browsers have the name, and allow it to service workers only. Title and icon have told it.
    }
  }
  const now = useRef({ settings, pathname, tell })
  useEffect(() => {
    now.current = { settings, pathname, tell }
  })

  useEffect(
    () =>
      live?.watchRuns({
        onRun(run) {
          const before = known.current?.get(run.run_id) ?? null
          known.current?.set(run.run_id, run)
          const outdated = outdatedTag(before, run)
          if (outdated) shown.current.get(outdated)?.close()
          const notice = noticeOf(before, run, now.current.settings)
          if (notice && leads.current && !isLookedAt(run, now.current.pathname)) now.current.tell(notice)
        },
      }),
    [live, leads],
  )

  return null
}

export const canNotify = () => 'Notification' in window && window.isSecureContext

const isLookedAt = (run: RunSummary, pathname: string) =>
  document.visibilityState === 'visible' && document.hasFocus() && pathname === `/runs/${run.run_id}`

/** Whether this tab rings. One does, of all that are open; where browsers have no locks (plain HTTP), each for itself. */
function useLeadership() {
  const leads = useRef(false)
  useEffect(() => {
    if (!('locks' in navigator)) {
      leads.current = true
      return
    }
    const stop = new AbortController()
    let release = () => {}
    navigator.locks
      .request('retrai.notices', { signal: stop.signal }, () => {
        leads.current = true
        return new Promise<void>(resolve => {
          release = resolve
        })
      })
      .catch(() => {}) // it left before it was its turn
    return () => {
      leads.current = false
      stop.abort()
      release()
    }
  }, [])
  return leads
}

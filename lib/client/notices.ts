// What of all that happens to runs is worth telling a person who looks elsewhere. Pure; the browser's part is in app/_ui.
import type { RunSummary } from '../contract/runs.ts'
import { cost, goalTitle, projectName } from './format.ts'
import { isFinal, STATUS_WORD } from './status.ts'

export interface NoticeSettings {
  /** A gate opens. */
  gates: boolean
  ends: boolean
  /** A check has fewer failing tests than the one before. */
  progress: boolean
  desktop: boolean
  sound: boolean
}

/** Nothing that the browser has to be asked for, and nothing that makes a noise, before somebody wants it. */
export const NOTICE_DEFAULTS: NoticeSettings = {
  gates: true,
  ends: true,
  progress: false,
  desktop: false,
  sound: false,
}

export interface Notice {
  kind: 'gate' | 'end' | 'progress'
  /** A later one with the same tag takes its place. */
  tag: string
  title: string
  body: string
  href: string
}

export function readNoticeSettings(text: string): NoticeSettings {
  let kept: unknown = null
  try {
    kept = JSON.parse(text)
  } catch {
    // Not ours: as if nothing had been kept.
  }
  const of = (name: keyof NoticeSettings) => {
    const value =
      typeof kept === 'object' && kept !== null ? Object.getOwnPropertyDescriptor(kept, name)?.value : null
    return typeof value === 'boolean' ? value : NOTICE_DEFAULTS[name]
  }
  return {
    gates: of('gates'),
    ends: of('ends'),
    progress: of('progress'),
    desktop: of('desktop'),
    sound: of('sound'),
  }
}

/** `before`: as the run was last known; null: not at all. */
export function noticeOf(
  before: RunSummary | null,
  run: RunSummary,
  wanted: Pick<NoticeSettings, 'gates' | 'ends' | 'progress'>,
): Notice | null {
  const about = `${goalTitle(run.goal)} in ${projectName(run.cwd)}`
  const page = `/runs/${run.run_id}`
  if (run.status === 'waiting' && run.gate) {
    if (!wanted.gates || before?.gate?.gate_id === run.gate.gate_id) return null
    const { gate_id, summary } = run.gate
    return {
      kind: 'gate',
      tag: gate_id,
      title: `Needs you: ${about}`,
      body: summary,
      href: `${page}/gate/${gate_id}`,
    }
  }
  if (isFinal(run.status)) {
    if (!wanted.ends || (before && isFinal(before.status))) return null
    const said = [
      run.reason,
      `${run.iteration} of ${run.max_iterations} iterations`,
      cost(run.estimated_cost_usd),
    ]
    const title = `${STATUS_WORD[run.status].replace(/^./, first => first.toUpperCase())}: ${about}`
    return { kind: 'end', tag: run.run_id, title, body: said.filter(Boolean).join(' · '), href: page }
  }
  const [was, is] = [before?.failing ?? null, run.failing]
  if (!wanted.progress || was === null || is === null || is >= was) return null
  return {
    kind: 'progress',
    tag: run.run_id,
    title: `${is} failing, was ${was}: ${about}`,
    body: '',
    href: page,
  }
}

/** The tag of a notice that no longer holds, because its gate was decided; null otherwise. */
export function outdatedTag(before: RunSummary | null, run: RunSummary): string | null {
  const open = before?.gate?.gate_id ?? null
  return open !== null && run.gate?.gate_id !== open ? open : null
}

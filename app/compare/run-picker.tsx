'use client'
import { useRouter } from 'next/navigation'
import { useRef } from 'react'
import { type CompareUrl, compareHref } from '#lib/client/compare-url'
import { goalTitle, projectName, shortId } from '#lib/client/format'
import { STATUS_WORD } from '#lib/client/status'
import type { RunSummary } from '#lib/contract/runs'
import { Button } from '../_ui/button.tsx'
import { Field, Select } from '../_ui/field.tsx'
import { visible } from '../_ui/visible-text.ts'
import type { Comparison } from './read-comparison.ts'

/** Which two runs: a form, so that it also works before the page is alive. */
export function RunPicker({
  url,
  recent,
  comparison,
}: {
  url: CompareUrl
  recent: RunSummary[]
  comparison: Comparison
}) {
  const router = useRouter()
  const form = useRef<HTMLFormElement>(null)
  // What is compared may be older than the newest hundred.
  const named = [comparison.a?.run, comparison.b?.run].filter(run => run !== undefined)
  const known = new Set(recent.map(run => run.run_id))
  const runs = [...named.filter(run => !known.has(run.run_id)), ...recent]
  const go = () => {
    const data = new FormData(form.current ?? undefined)
    const one = (name: string) => String(data.get(name) ?? '') || null
    router.push(compareHref(one('a'), one('b'), url.tab))
  }
  return (
    <form
      ref={form}
      action="/compare"
      aria-label="Runs to compare"
      onSubmit={event => {
        event.preventDefault()
        go()
      }}
      className="grid items-end gap-3 @2xl:grid-cols-2"
    >
      {(['a', 'b'] as const).map(name => (
        <Field key={name} label={`Run ${name.toUpperCase()}`}>
          {ids => (
            <Select
              {...ids}
              name={name}
              className="w-full"
              defaultValue={comparison[name] ? (url[name] ?? '') : ''}
              onChange={go}
            >
              <option value="">Choose a run…</option>
              {runs.map(run => (
                <option key={run.run_id} value={run.run_id}>
                  {wordsOf(run)}
                </option>
              ))}
            </Select>
          )}
        </Field>
      ))}
      <noscript>
        <Button type="submit">Compare</Button>
      </noscript>
    </form>
  )
}

const wordsOf = (run: RunSummary) =>
  visible(
    `${goalTitle(run.goal).slice(0, 60)} · ${projectName(run.cwd)} · ${STATUS_WORD[run.status]} · ${run.model_name} · ${shortId(run.run_id)}`,
  )

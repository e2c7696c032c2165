'use client'
import { useState } from 'react'
import { call, ProblemError } from '#lib/client/call'
import { getDiff, getEvidence, getRun, listIterations } from '#lib/client/endpoints'
import type { ExportFormat } from '#lib/client/export-run'
import { shortId } from '#lib/client/format'
import { messageOf } from '#lib/errors'
import { saveFile } from '../../_ui/save-file.ts'

const FILES: Record<ExportFormat, { ending: string; type: string }> = {
  junit: { ending: 'xml', type: 'application/xml' },
  json: { ending: 'json', type: 'application/json' },
  md: { ending: 'md', type: 'text/markdown' },
  patch: { ending: 'patch', type: 'text/x-diff' },
}

/** Builds the file here, from what the API says, and saves it. */
export function useExport(runId: string) {
  const [pending, setPending] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const [note, setNote] = useState<string | null>(null)

  async function save(format: ExportFormat) {
    setPending(true)
    setProblem(null)
    setNote(null)
    const params = { run_id: runId }
    try {
      const [{ exportRun }, run, iterations, evidence, diff] = await Promise.all([
        import('#lib/client/export-run'),
        call(getRun, { params }),
        call(listIterations, { params }),
        orNull(call(getEvidence, { params })),
        orNull(call(getDiff, { params })),
      ])
      const patch = diff?.patch ?? ''
      if (format === 'patch' && patch === '')
        setNote('The run changed nothing, so there is no patch to save.')
      else {
        const { ending, type } = FILES[format]
        saveFile(
          `retrai-${shortId(runId)}.${ending}`,
          exportRun(format, { run, iterations, evidence, patch }),
          type,
        )
        if (diff?.truncated) setNote('The patch is longer than 2 MiB and was cut: it is not whole.')
      }
    } catch (error) {
      setProblem(messageOf(error))
    }
    setPending(false)
  }

  return { pending, problem, note, save }
}

/** What a run does not have is left out. */
async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof ProblemError && error.problem.status === 404) return null
    throw error
  }
}

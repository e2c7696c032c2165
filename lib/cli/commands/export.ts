// retrai export: a run in a format that other tools take.
import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Command, Option } from 'commander'
import { bundleOf } from '#lib/client/bundle-run'
import { EXPORT_FORMATS, type ExportedRun, type ExportFormat, exportRun } from '#lib/client/export-run'
import { getEvidence } from '#lib/contract/evidence'
import { getDiff, listIterations } from '#lib/contract/run-history'
import { getRun } from '#lib/contract/runs'
import { CliError, usageError } from '../cli-error.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../find-run.ts'
import type { Session } from '../session.ts'
import { examples } from './run.ts'

export interface ExportOptions {
  format?: ExportFormat | 'ndjson' | 'zip'
  output?: string
}

export function describeExport(command: Command): Command {
  return command
    .description('a run as JUnit XML, JSON, Markdown, a patch, its events as NDJSON, or all of it as ZIP')
    .argument('<run>', 'the beginning of a run id, or last')
    .addOption(
      new Option('-f, --format <format>', 'default: by the name of the file, else json').choices([
        ...EXPORT_FORMATS,
        'ndjson',
        'zip',
      ]),
    )
    .option('-o, --output <file>', 'write it there; default: stdout')
    .addHelpText(
      'before',
      examples(
        ['retrai export last -o report.md', 'goal, iterations, last check and changes, to read'],
        ['retrai export last --format junit -o junit.xml', 'the last check as a report for CI'],
        ['retrai export last -o events.ndjson', 'everything that happened, one event per line'],
        ['retrai export last -o bundle.zip', 'events, run, report and patch in one file'],
        ['retrai export last --format patch | git apply', 'what the run changed, on another checkout'],
      ),
    )
}

export async function exportCommand(
  name: string,
  options: ExportOptions,
  { client, output, place }: Session,
): Promise<ExitCode> {
  const format = options.format ?? formatOf(options.output) ?? 'json'
  if (format === 'zip' && options.output === undefined && place.stdout.isTTY)
    throw usageError('A ZIP file is nothing to read: give -o bundle.zip, or send it to a program')
  const params = { run_id: await findRun(client, name) }
  if (format === 'ndjson') return exportEvents(params.run_id, options.output, { client, output, place })
  const [run, iterations, evidence, diff] = await Promise.all([
    client.call(getRun, { params }),
    client.call(listIterations, { params }),
    orNull(client.call(getEvidence, { params, query: {} })),
    orNull(client.call(getDiff, { params, query: {} })),
  ])
  if ((format === 'patch' || format === 'zip') && diff?.truncated)
    output.notice('The patch was cut at 2 MiB: it is not whole.')
  const exported = { run, iterations, evidence, patch: diff?.patch ?? '' }
  if (format === 'zip') return exportBundle(exported, options.output, { client, output, place })
  const text = exportRun(format, exported)
  if (options.output === undefined) output.raw(text)
  else {
    const file = path.resolve(place.cwd, options.output)
    await writeFile(file, text)
    output.progress(`Written to ${file}`)
  }
  return EXIT.achieved
}

/** As they come, so that a long run is never in memory. */
async function exportEvents(
  runId: string,
  name: string | undefined,
  { client, output, place }: Pick<Session, 'client' | 'output' | 'place'>,
): Promise<ExitCode> {
  const read = client.stream(`/api/runs/${runId}/events`, 'application/x-ndjson')
  if (name === undefined) {
    for await (const piece of read) output.raw(piece)
    return EXIT.achieved
  }
  const file = path.resolve(place.cwd, name)
  await pipeline(read, createWriteStream(file))
  output.progress(`Written to ${file}`)
  return EXIT.achieved
}

async function exportBundle(
  exported: ExportedRun,
  name: string | undefined,
  { client, output, place }: Pick<Session, 'client' | 'output' | 'place'>,
): Promise<ExitCode> {
  const { run } = exported
  const events = client.stream(`/api/runs/${run.run_id}/events`, 'application/x-ndjson')
  const zip = bundleOf(
    [
      { name: 'run.json', content: exportRun('json', { ...exported, patch: '' }) },
      { name: 'report.md', content: exportRun('md', exported) },
      { name: 'changes.patch', content: exported.patch },
      { name: 'events.ndjson', content: events },
    ],
    new Date(run.ended_at ?? run.created_at),
  )
  if (name === undefined) {
    await pipeline(zip, place.stdout, { end: false })
    return EXIT.achieved
  }
  const file = path.resolve(place.cwd, name)
  await pipeline(zip, createWriteStream(file))
  output.progress(`Written to ${file}`)
  return EXIT.achieved
}

function formatOf(file: string | undefined): ExportOptions['format'] | null {
  const byEnding: Record<string, ExportOptions['format']> = {
    '.ndjson': 'ndjson',
    '.jsonl': 'ndjson',
    '.xml': 'junit',
    '.json': 'json',
    '.md': 'md',
    '.patch': 'patch',
    '.diff': 'patch',
    '.zip': 'zip',
  }
  return file === undefined ? null : (byEnding[path.extname(file)] ?? null)
}

/** What a run does not have is left out. */
async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof CliError && error.exitCode === EXIT.notFound) return null
    throw error
  }
}

// retrai backup: a copy of all runs in one file; through the server where one runs, else straight from the data directory.
import { execFile } from 'node:child_process'
import path from 'node:path'
import process from 'node:process'
import type { Command } from 'commander'
import { z } from 'zod'
import { duration } from '#lib/client/format'
import { Backup, createBackup } from '#lib/contract/backup'
import { ERRORS, type ErrorCode } from '#lib/contract/errors'
import { CliError } from '../cli-error.ts'
import { isServing } from '../client.ts'
import { EXIT, type ExitCode, exitCodeOfProblem } from '../exit-codes.ts'
import { oneLine } from '../harmless.ts'
import type { Session } from '../session.ts'
import { examples } from './run.ts'

export interface BackupOptions {
  dataDir?: string
  force?: boolean
}

export function describeBackup(command: Command): Command {
  return command
    .description('copy all runs, as they are at this moment, to a new file')
    .argument('<file>', 'where to; with a server elsewhere, a path on its machine')
    .option('--force', 'replace a file that is there')
    .option('--data-dir <dir>', 'of a server that does not run; default: RETRAI_DATA_DIR or the usual one')
    .addHelpText(
      'before',
      examples(
        ['retrai backup runs.db', 'while the server works, or without one'],
        ['retrai backup --data-dir ./data runs.db', 'of a data directory no server uses'],
      ),
    )
    .addHelpText(
      'after',
      '\nTo go back to a backup: stop the server, move retrai.db and retrai.db-wal out of the data directory, and copy the\nbackup there as retrai.db.',
    )
}

export async function backup(name: string, options: BackupOptions, session: Session): Promise<ExitCode> {
  const { client, output, place } = session
  const file = path.resolve(place.cwd, name)
  const force = options.force === true
  const hasServer = options.dataDir === undefined && (session.isNamed || (await isServing(client.server)))
  const made = hasServer
    ? await client.call(createBackup, { body: { file, force } })
    : await backUpClosed(file, force, options.dataDir, session)
  if (output.isJson) output.json(made)
  else {
    const size = `${(made.bytes / 2 ** 20).toFixed(1)} MiB`
    output.data(oneLine(made.file))
    output.progress(`${made.runs} runs, ${made.events} events, ${size} in ${duration(made.duration_ms)}`)
  }
  return EXIT.achieved
}

const Answer = z.union([
  z.object({ backup: Backup }),
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
])

async function backUpClosed(
  file: string,
  force: boolean,
  dataDir: string | undefined,
  { place }: Session,
): Promise<Backup> {
  const program = path.join(place.root, 'dist/back-up.mjs')
  const where = dataDir === undefined ? {} : { RETRAI_DATA_DIR: path.resolve(place.cwd, dataDir) }
  const argv = [program, file, ...(force ? ['--force'] : [])]
  const said = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, argv, { env: { ...place.env, ...where } }, (error, stdout, stderr) => {
      if (stdout.trim() === '') reject(new CliError(EXIT.error, `The backup failed: ${stderr || error}`))
      else resolve(stdout)
    })
  })
  const answer = Answer.parse(JSON.parse(said))
  if ('backup' in answer) return answer.backup
  const { code, message } = answer.error
  const known = ERRORS[code as ErrorCode] ?? ERRORS.internal // of our own program, so it is one of them
  throw new CliError(exitCodeOfProblem(known), message)
}

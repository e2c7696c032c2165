// retrai doctor: what this machine has of what the server uses, and how to get what is missing.
import { execFile } from 'node:child_process'
import path from 'node:path'
import process from 'node:process'
import type { Command } from 'commander'
import { z } from 'zod'
import { CliError } from '../cli-error.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { oneLine } from '../harmless.ts'
import type { Session } from '../session.ts'
import { examples } from './run.ts'

const Answer = z.object({
  findings: z.array(
    z.object({ name: z.string(), status: z.enum(['ok', 'warn', 'failed']), detail: z.string() }),
  ),
})
type Finding = z.infer<typeof Answer>['findings'][number]

const SIGNS: Record<Finding['status'], { sign: string; colour: 'green' | 'yellow' | 'red' }> = {
  ok: { sign: '✓', colour: 'green' },
  warn: { sign: '!', colour: 'yellow' },
  failed: { sign: '✗', colour: 'red' },
}

export interface DoctorOptions {
  dataDir?: string
}

export const describeDoctor = (command: Command): Command =>
  command
    .description('whether this machine has what the server uses, and how to get what is missing')
    .option('--data-dir <dir>', 'where runs are kept; default: RETRAI_DATA_DIR or the usual one')
    .addHelpText('before', examples(['retrai doctor', 'before the first run, or when something is odd']))

export async function doctor({ dataDir }: DoctorOptions, { place, output }: Session): Promise<ExitCode> {
  const program = path.join(place.root, 'dist/doctor.mjs')
  const where = dataDir === undefined ? {} : { RETRAI_DATA_DIR: path.resolve(place.cwd, dataDir) }
  const said = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, [program], { env: { ...place.env, ...where } }, (error, stdout, stderr) => {
      if (stdout.trim() === '') reject(new CliError(EXIT.error, `It could not look: ${stderr || error}`))
      else resolve(stdout)
    })
  })
  const { findings } = Answer.parse(JSON.parse(said))
  if (output.isJson) output.json({ findings })
  else {
    for (const { name, status, detail } of findings) {
      const { sign, colour } = SIGNS[status]
      output.data(`${output.paint(colour, sign)} ${oneLine(name)}${detail && `: ${oneLine(detail)}`}`)
    }
  }
  return findings.some(({ status }) => status === 'failed') ? EXIT.error : EXIT.achieved
}

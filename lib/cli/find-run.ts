// People name a run by the beginning of its id, or as `last`; -1 is the newest, -2 the one before it.
import { z } from 'zod'
import { shortId } from '#lib/client/format'
import { listRuns } from '#lib/contract/runs'
import { CliError, usageError } from './cli-error.ts'
import type { Client } from './client.ts'
import { EXIT } from './exit-codes.ts'
import { oneLine } from './harmless.ts'

/** The full id of the run that is meant. */
export async function findRun(client: Client, name: string): Promise<string> {
  if (name === 'last') {
    const [newest] = await client.call(listRuns, { query: { limit: 1 } })
    if (newest) return newest.run_id
    throw new CliError(EXIT.notFound, 'There is no run yet; start one with `retrai run`')
  }
  const back = /^-(\d{1,3})$/.exec(name)
  if (back) {
    const nth = Number(back[1])
    if (nth < 1 || nth > 200)
      throw usageError(`${name}: -1 is the newest run, and -200 the oldest that can be counted to`)
    const run = (await client.call(listRuns, { query: { limit: nth } }))[nth - 1]
    if (run) return run.run_id
    throw new CliError(EXIT.notFound, `There are fewer than ${nth} runs`)
  }
  if (z.uuid().safeParse(name).success) return name.toLowerCase()
  if (!/^[0-9a-f-]+$/i.test(name)) {
    throw new CliError(
      EXIT.notFound,
      `“${name}” is no run: give the beginning of a run id (see \`retrai ls\`), or \`last\``,
    )
  }
  const prefix = name.toLowerCase()
  const similar = await client.call(listRuns, { query: { q: prefix, limit: 200 } })
  const matches = similar.filter(run => run.run_id.startsWith(prefix))
  const [match] = matches
  if (!match) throw new CliError(EXIT.notFound, `Run not found: no run id begins with ${name}`)
  if (matches.length > 1) {
    const few = matches.slice(0, 5).map(run => `${shortId(run.run_id)} (${oneLine(run.goal).slice(0, 40)})`)
    throw usageError(`${matches.length} run ids begin with ${name}; give more of it: ${few.join(', ')}`)
  }
  return match.run_id
}

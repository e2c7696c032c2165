import type { Command } from 'commander'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../find-run.ts'
import { openBrowser } from '../open-browser.ts'
import type { Session } from '../session.ts'
import { examples } from './run.ts'

export const describeOpen = (command: Command): Command =>
  command
    .description('open the dashboard, or the page of a run, in the browser')
    .argument('[run]', 'the beginning of a run id, or last; default: the list of runs')
    .addHelpText('before', examples(['retrai open last', 'the page of the newest run']))

/** retrai open: the address is data, so that it can be used where there is no browser. */
export async function open(name: string | undefined, { client, output }: Session): Promise<ExitCode> {
  const url = name === undefined ? `${client.server}/runs` : client.pageOf(await findRun(client, name))
  if (output.isJson) output.json({ url })
  else output.data(output.link(url))
  if (output.width !== null) openBrowser(url) // a script wants the address
  return EXIT.achieved
}

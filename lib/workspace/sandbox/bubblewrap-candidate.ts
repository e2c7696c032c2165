// Bubblewrap as a sandbox to be tried: what must hold of it on Linux, and what is said where it does not start.
import type { Candidate, FindCandidate } from './candidate.ts'
import { findBubblewrap, HOW_TO_GET_IT } from './find-bubblewrap.ts'
import { createSandbox } from './sandbox.ts'
import { MACHINES } from './seccomp.ts'

export const bubblewrapCandidate =
  (platform: NodeJS.Platform): FindCandidate =>
  async ({ spawner, dataDir, env, readable }) => {
    const bubblewrap = await findBubblewrap(spawner, platform)
    if ('why' in bubblewrap) return bubblewrap
    const sandbox = await createSandbox({ bubblewrap, dataDir, env, ...(readable && { readable }) })
    return {
      mode: 'bwrap',
      name: `bubblewrap ${bubblewrap.version}`,
      note: null,
      sandbox,
      assertions: ASSERTIONS,
      env: { HOME: sandbox.env.HOME ?? '/', FILTER: MACHINES[process.arch] ? '2' : '0' },
      explain,
    }
  }

function explain(problem: string): string {
  const hint = /namespace|Permission denied|not permitted/i.test(problem)
    ? '; this system forbids user namespaces (in a container: allow them, or run it with a seccomp profile that does; on Ubuntu use the system’s own bubblewrap)'
    : `; ${HOW_TO_GET_IT}`
  return `bubblewrap does not work here: ${problem}${hint}`
}

const ASSERTIONS: Candidate['assertions'] = [
  ['the project can be written', 'echo x > file && [ "$(cat file)" = x ]'],
  ['the data directory is hidden', '! cat "$CANARY" && [ -z "$(ls -A "$OUTSIDE/sandbox" | grep -v probe)" ]'],
  [
    'the system cannot be written',
    '! : > /usr/retrai-probe && ! : > /etc/retrai-probe && ! : > /retrai-probe',
  ],
  ['home is empty', '[ ! -e ~/.ssh ] && [ ! -e ~/.aws ] && [ ! -e ~/.bashrc ] && [ ! -e ~/.netrc ]'],
  [
    'other processes cannot be seen',
    '[ "$(ls -d /proc/[0-9]* | wc -l)" -lt 9 ] && [ "$(head -c 5 /proc/1/comm)" = bwrap ]',
  ],
  [
    'no variables of the server can be read',
    '[ -z "$(tr "\\0" "\\n" < /proc/1/environ | grep -v -e ^PATH= -e ^RETRAI_COMMAND_ -e ^PWD=)" ]',
  ],
  ['the network is off', '! (: < "/dev/tcp/127.0.0.1/$PORT")'],
  [
    'it has no capabilities',
    '[ "$(awk \'/^Cap(Eff|Prm|Bnd)/ { print $2 }\' /proc/self/status | sort -u)" = 0000000000000000 ]',
  ],
  ['it cannot gain any', 'grep -q "^NoNewPrivs:.1" /proc/self/status'],
  ['system calls are filtered', 'grep -q "^Seccomp:.$FILTER" /proc/self/status'],
  ['nothing is inherited but its output', '[ "$(ls /proc/self/fd | tr "\\n" " ")" = "0 1 2 3 " ]'],
  ['it cannot make a sandbox of its own', '! unshare -U true && ! unshare -n true'],
  ['the repository cannot be written', '! : > .git/config && ! mv .git elsewhere'],
]

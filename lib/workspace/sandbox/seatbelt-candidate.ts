// sandbox-exec of macOS as a sandbox to be tried. Its rules were written without a Mac at hand: so each assertion tries what a person
// could do outside, which must fail here, or what commands need, which must not.
import type { Candidate, FindCandidate } from './candidate.ts'
import { createSeatbelt, findSandboxExec } from './seatbelt.ts'

export const NOT_TESTED = 'not tested on a real Mac'

export const seatbeltCandidate =
  ({ temporary, program }: { temporary: string; program?: string }): FindCandidate =>
  async ({ dataDir, env, readable }) => {
    const found = await findSandboxExec(program)
    if (typeof found !== 'string') return found
    const sandbox = await createSeatbelt({
      ...{ dataDir, env, temporary, program: found },
      ...(readable && { readable }),
    })
    return {
      mode: 'seatbelt',
      name: `sandbox-exec (${NOT_TESTED})`,
      note: `Commands of runs are sandboxed by sandbox-exec of macOS, which was ${NOT_TESTED}: retrai doctor lists what was tried when it started`,
      sandbox,
      assertions: SEATBELT_ASSERTIONS,
      env: { REAL_HOME: env.HOME ?? '/Users', NODE: process.execPath },
      explain: problem => `sandbox-exec does not work here: ${problem}`,
    }
  }

/** Node says whether it was let out, and that it ran at all: a shell without /dev/tcp would be as silent as one in a sandbox. */
const REACH = `require("node:net").connect(+process.argv[1], "127.0.0.1").on("connect", () => { console.log("reached"); process.exit() }).on("error", () => console.log("refused"))`

export const SEATBELT_ASSERTIONS: Candidate['assertions'] = [
  ['the project can be written', 'echo x > file && [ "$(cat file)" = x ]'],
  [
    'it has a temporary folder and a home of its own',
    'echo x > "$TMPDIR/file" && [ "$(cat "$TMPDIR/file")" = x ] && echo x > ~/file && [ ~ != "$REAL_HOME" ]',
  ],
  ['the data directory is hidden', '! cat "$CANARY" && ! ls "$OUTSIDE" && ! ls "$OUTSIDE/sandbox"'],
  ['the data directory cannot be written', '! : > "$CANARY" && ! : > "$OUTSIDE/retrai-probe"'],
  [
    'the system cannot be written',
    '! : > /usr/local/retrai-probe && ! : > /etc/retrai-probe && ! (f=/tmp/retrai-probe-$HELPER; : > $f && rm $f)',
  ],
  [
    'home is hidden',
    '! ls "$REAL_HOME" && ! ls /Library/Keychains && ! (f="$REAL_HOME/.retrai-probe"; : > "$f" && rm "$f")',
  ],
  // As the same user it could.
  ['other processes cannot be signalled', '! kill -0 "$HELPER"'],
  ['it cannot become root', '! ps -p "$HELPER" && ! sudo -n true'],
  ['the network is off', `[ "$("$NODE" -e '${REACH}' "$PORT")" = refused ]`],
  [
    'nothing is inherited but its output',
    // Three, and the folder that is being listed.
    `( for fd in /dev/fd/*; do [ "\${fd##*/}" -le 3 ] || exit 1; done )`,
  ],
  ['the repository cannot be written', '! : > .git/config && ! mv .git elsewhere && ! rmdir .git'],
  ['no file gets a second name', 'echo x > named && ! ln named again && ! ln "$CANARY" again'],
]

// Starts a command in its sandbox: the last arguments, and what runs between it and the command. Plain JavaScript:
// the helper process runs it without a loader.
import { closeSync, openSync } from 'node:fs'

/**
 * Asks the helper, which must live, before anything of the command begins: bubblewrap is told to end with its parent, but
 * a parent that ended before it was told so would not be missed. Then it gives up what it inherited, and sets limits.
 * The loop's own errors stay visible: a redirection of it would cost the command its stderr. What runs beside the command is
 * nobody's child, so that no program waits for its end.
 */
const WRAPPER = `echo r >&3 || exit 125
IFS= read -r -n1 -u3 go || exit 125
[ "$go" = g ] || exit 125
close_others() { for fd in /proc/self/fd/*; do fd=\${fd##*/}; [ "$fd" -gt 2 ] && eval "exec $fd>&-"; done; }
close_others
echo 900 >/proc/self/oom_score_adj
ulimit -c 0
ulimit -u "$1" 2>/dev/null
ulimit -n "$2" 2>/dev/null
ulimit -f "$3" 2>/dev/null
beside=$4
shift 4
if [ "$beside" -gt 0 ]; then
  exec 3< <(/usr/bin/env -i "\${@:1:beside}" </dev/null 2>/dev/null &)
  IFS= read -r -u3 go || { echo 'The way to the allowed hosts could not be opened.' >&2; exit 125; }
  close_others
  shift "$beside"
fi
unset go fd beside
unset -f close_others
exec "$@"`

/**
 * The same for macOS, whose bash is of 2007 and which has no /proc: nothing runs beside the command, a limit on processes would count
 * all of the user's, and the first of a machine without memory is nobody's choice.
 */
const MAC_WRAPPER = `echo r >&3 || exit 125
IFS= read -r -n1 -u3 go || exit 125
[ "$go" = g ] || exit 125
for fd in /dev/fd/*; do fd=\${fd##*/}; [ "$fd" -gt 2 ] && eval "exec $fd>&-"; done
ulimit -c 0
ulimit -n "$1" 2>/dev/null
ulimit -f "$2" 2>/dev/null
shift 2
unset go fd
exec "$@"`

/**
 * @typedef {object} Sandbox
 * @property {'bwrap' | 'seatbelt'} kind
 * @property {string[]} argv bubblewrap or sandbox-exec, and what the command sees
 * @property {string | null} filter file with the system-call filter
 * @property {string[] | null} bridge program that runs beside the command, and says when the command may begin
 * @property {{ processes: number, countsProcesses: boolean, files: number, fileKiB: number, memoryBytes: number }} limits
 * @property {{ uid: number, gid: number } | null} owner who runs it; null: whoever we are
 */

/**
 * @typedef {object} Command
 * @property {string[]} argv
 * @property {string} cwd
 * @property {Record<string, string>} env
 * @property {string} marker `NAME=value\0`
 */

/**
 * @param {Sandbox} sandbox
 * @param {Command} command
 */
export function sandboxed(sandbox, command) {
  return sandbox.kind === 'seatbelt' ? inSeatbelt(sandbox, command) : inBubblewrap(sandbox, command)
}

/**
 * @param {Sandbox} sandbox
 * @param {Command} command
 */
function inSeatbelt({ argv: [file = '', ...profile], limits }, { argv, env, cwd }) {
  return {
    file,
    args: [
      ...profile,
      ...['/bin/bash', '-c', MAC_WRAPPER, 'retrai'],
      ...[limits.files, limits.fileKiB].map(String),
      ...argv,
    ],
    cwd,
    // It becomes the command, so that what it is given is the command's.
    env,
    /** Descriptor 3. */
    stdio: ['pipe'],
    /** What it leaves behind is ended by us, as without a sandbox. */
    endsWithAll: false,
    closeFilter: () => {},
  }
}

/**
 * @param {Sandbox} sandbox
 * @param {Command} command
 */
function inBubblewrap(sandbox, { argv, env, marker }) {
  const [bwrap = '', ...view] = sandbox.argv
  const { processes, countsProcesses, files, fileKiB } = sandbox.limits
  const bridge = sandbox.bridge ?? []
  const filter = sandbox.filter === null ? null : openSync(sandbox.filter, 'r')
  const [name = '', value = ''] = marker.replace('\0', '').split('=')
  return {
    file: bwrap,
    args: [
      ...view,
      ...(filter === null ? [] : ['--seccomp', '4']),
      '--clearenv',
      ...Object.entries(env).flatMap(([key, text]) => ['--setenv', key, text]),
      ...['--', '/bin/bash', '-c', WRAPPER, 'retrai'],
      ...[countsProcesses ? processes : 'unlimited', files, fileKiB, bridge.length].map(String),
      ...bridge,
      ...argv,
    ],
    // The sandbox goes to the folder itself, as the user it runs as.
    cwd: '/',
    // Not the command's: what bubblewrap itself is given can be read from inside. The marker finds it after a crash.
    env: { PATH: '/usr/bin:/bin', [name]: value },
    /** Descriptors 3 and 4. */
    stdio: ['pipe', ...(filter === null ? [] : [filter])],
    endsWithAll: true,
    closeFilter: () => filter !== null && closeSync(filter),
  }
}

/**
 * Lets the command begin once it has said that it is ready.
 * @param {import('node:stream').Duplex} channel
 * @param {() => void} started
 */
export function letBegin(channel, started) {
  channel.on('error', () => {}) // It ended instead.
  channel.once('data', () => {
    started()
    channel.write('g', () => channel.destroy())
  })
}

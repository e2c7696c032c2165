// Starts a command in its sandbox: the last arguments, and what runs between bubblewrap and the command. Plain JavaScript:
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
 * @typedef {object} Sandbox
 * @property {string[]} argv bubblewrap and what the command sees
 * @property {string | null} filter file with the system-call filter
 * @property {string[] | null} bridge program that runs beside the command, and says when the command may begin
 * @property {{ processes: number, countsProcesses: boolean, files: number, fileKiB: number, memoryBytes: number }} limits
 * @property {{ uid: number, gid: number } | null} owner who runs it; null: whoever we are
 */

/**
 * @param {Sandbox} sandbox
 * @param {{ argv: string[], env: Record<string, string>, marker: string }} command `marker`: `NAME=value\0`
 */
export function sandboxed(sandbox, { argv, env, marker }) {
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
    // Not the command's: what bubblewrap itself is given can be read from inside. The marker finds it after a crash.
    env: { PATH: '/usr/bin:/bin', [name]: value },
    /** Descriptors 3 and 4. */
    stdio: ['pipe', ...(filter === null ? [] : [filter])],
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

// Linux gives a process's orphans to its nearest ancestor that asked for them. Node cannot ask, but what starts it can;
// and it can close the descriptors that our own parent forgot to keep to itself, which every command would inherit.
import { existsSync } from 'node:fs'

const PR_SET_CHILD_SUBREAPER = 36
const CLOSE_RANGE = 436
/** 0 to 2, and Node's channel to the server. */
const KEPT_DESCRIPTORS = 4
const PRCTL: Partial<Record<NodeJS.Architecture, number>> = { x64: 157, arm64: 167 }

/**
 * The command, started so that it adopts the orphans below it; the command itself where that is not to be had (then
 * daemons that clear their environment at once can be missed). The process id stays that of the command.
 */
export function adoptingCommand(command: [string, ...string[]]): [string, ...string[]] {
  if (process.platform !== 'linux') return command
  const call = PRCTL[process.arch]
  if (call !== undefined && existsSync('/usr/bin/perl')) {
    const script = `syscall(${call}, ${PR_SET_CHILD_SUBREAPER}, 1, 0, 0, 0); syscall(${CLOSE_RANGE}, ${KEPT_DESCRIPTORS}, 0xffffffff, 0); exec { $ARGV[0] } @ARGV or exit 127`
    return ['/usr/bin/perl', '-e', script, ...command]
  }
  if (existsSync('/usr/bin/python3')) {
    const script = `import ctypes, os, sys
os.closerange(${KEPT_DESCRIPTORS}, 65536)
try: ctypes.CDLL(None).prctl(${PR_SET_CHILD_SUBREAPER}, 1, 0, 0, 0)
finally: os.execv(sys.argv[1], sys.argv[1:])`
    return ['/usr/bin/python3', '-c', script, ...command]
  }
  return command
}

// What is said to programs that miss what only the sandbox of macOS keeps from them: «Operation not permitted» tells them nothing.
import type { Network } from '#lib/contract/network'
import { NETWORK_HINT } from './hints.ts'

export const NO_TMP_HINT =
  '[the sandbox of macOS has no /tmp: write to the folder that TMPDIR names, which each command has for itself]'
export const NO_LOOPBACK_HINT =
  '[on macOS the sandbox has no network of its own, so that 127.0.0.1 is off with the network]'
export const NO_ROOT_HINT = '[programs that become root, such as sudo and ps, do not start in the sandbox]'

/** Sockets alone are refused with this word; what a program says when it finds no name is known already. */
const NETWORK =
  /\b(listen|connect|bind) EPERM\b|\b(?:bind|connect|socket|listen)[^\n]{0,80}: [Oo]peration not permitted|PermissionError: \[Errno 1\][^\n]*(?:bind|connect|address)/
const TMP =
  /(?<![\w/])(?:\/private)?\/(?:var\/)?tmp\/[^\n]{0,200}(?:EPERM|[Oo]peration not permitted)|(?:EPERM|[Oo]peration not permitted)[^\n]{0,200}['" ](?:\/private)?\/(?:var\/)?tmp\//
const ROOT = /\/(?:usr\/bin\/sudo|usr\/bin\/su|bin\/ps|usr\/bin\/top)\b[^\n]{0,40}[Oo]peration not permitted/

export function seatbeltHint({ output, network }: { output: string; network: Network }): string | null {
  const isOff = network === 'off' && !output.includes(NETWORK_HINT)
  if (isOff && NETWORK.test(output)) return `${NETWORK_HINT}\n${NO_LOOPBACK_HINT}`
  if (TMP.test(output)) return NO_TMP_HINT
  return ROOT.test(output) ? NO_ROOT_HINT : null
}

// Says of a check that misses the network that it does: otherwise that is only to be guessed from the output of whatever wanted it.
import { NEEDS_NETWORK } from '#lib/contract/network'
import { missedNetwork } from '#lib/workspace/sandbox/hints'

export function sayingNetwork<T extends { achieved: boolean; output: string; reason: string }>(check: T): T {
  const missed = check.achieved ? null : missedNetwork(check.output)
  if (missed === null) return check
  const reason = `${check.reason.replace(/[.\s]+$/, '')}. ${NEEDS_NETWORK}, ${missed}`
  return { ...check, reason }
}

// How much one machine may ask in a short time, and how often it may guess the token. Programs on this machine are not held
// back in what they ask: the guard keeps web pages away from it, and what is left could do worse without us. Guesses are counted
// for everybody.
import { AppError } from '#lib/errors'
import { LIMITS } from '#lib/limits'

export interface Rates {
  /** Throws AppError('too_many_requests') when this machine has asked too much. */
  request(peer: string | undefined): void
  /** A wrong token was sent; throws AppError('too_many_requests') when there were too many of late. */
  wrongToken(peer: string | undefined): void
}

/** What is remembered of a machine: how many requests it has left, and when it guessed wrong. */
interface Peer {
  left: number
  at: number
  wrong: number[]
}

const MINUTE_MS = 60_000

export function createRates(now: () => number = () => performance.now()): Rates {
  const peers = new Map<string, Peer>()

  function peerOf(name: string): Peer {
    let peer = peers.get(name)
    if (!peer) {
      if (peers.size >= LIMITS.rememberedPeers) forget()
      peer = { left: LIMITS.requestBurst, at: now(), wrong: [] }
      peers.set(name, peer)
    }
    return peer
  }

  /** Those of whom nothing is left to remember; of too many others the oldest. */
  function forget() {
    for (const [name, { at }] of peers) if (now() - at > MINUTE_MS) peers.delete(name)
    for (const name of peers.keys()) {
      if (peers.size < LIMITS.rememberedPeers) return
      peers.delete(name)
    }
  }

  return {
    request(name = '') {
      if (isThisMachine(name)) return
      const peer = peerOf(name)
      const time = now()
      const earned = ((time - peer.at) / 1000) * LIMITS.requestsPerSecond
      peer.left = Math.min(LIMITS.requestBurst, peer.left + earned)
      peer.at = time
      if (peer.left < 1) throw tooMany('Too many requests from this address; ask less often', 1)
      peer.left--
    },
    wrongToken(name = '') {
      const peer = peerOf(name)
      const time = now()
      peer.at = time
      peer.wrong = peer.wrong.filter(at => time - at < MINUTE_MS)
      const [oldest] = peer.wrong
      if (oldest !== undefined && peer.wrong.length >= LIMITS.wrongTokensPerMinute)
        throw tooMany(
          'Too many wrong tokens from this address; the right one is still taken',
          Math.ceil((oldest + MINUTE_MS - time) / 1000),
        )
      peer.wrong.push(time)
    },
  }
}

export const isThisMachine = (peer: string) =>
  peer === '::1' || /^(?:::ffff:)?127(?:\.\d{1,3}){3}$/.test(peer)

const tooMany = (sentence: string, seconds: number) =>
  new AppError('too_many_requests', sentence, { headers: { 'Retry-After': String(seconds) } })

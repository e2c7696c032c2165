// Connects to a host of an allow-list. Its name is resolved once, and the address that was looked at is the one that is
// connected to: an answer that is another one the next time changes nothing.
import { Resolver } from 'node:dns/promises'
import { connect as connectTo, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { LIMITS } from '#lib/limits'
import { publicAddresses } from './public-address.ts'
import { type Target, targetText } from './target.ts'

/** It may not be connected to; the message says why. */
export class Refused extends Error {}
/** It may, but it does not answer. */
export class Unreachable extends Error {}

export interface DialOptions {
  /** All addresses of a name; rejects when there is none. Default: what the name servers say. */
  resolve?(host: string): Promise<string[]>
  /** Opens a connection to an address. */
  connect?(address: string, port: number): Socket
  /** Addresses of this machine, which may be public ones. */
  ownAddresses?(): string[]
}

/** Resolves with a connection; rejects with Refused or Unreachable. */
export type Dial = (target: Target) => Promise<Socket>

export function createDial({
  resolve = askNameServers,
  connect = (host, port) => connectTo({ host, port }),
  ownAddresses = addressesOfThisMachine,
}: DialOptions = {}): Dial {
  const isPublic = publicAddresses()

  return async target => {
    const { host, port, isAddress } = target
    const addresses = isAddress ? [host] : await resolve(host).catch(() => [])
    if (addresses.length === 0)
      throw new Unreachable(`${host} has no address, or its name server does not answer`)
    const own = new Set(ownAddresses())
    // One is enough: a name that has both is made to get past those who look at the first.
    const inside = addresses.find(address => !isPublic(address) || own.has(address))
    if (inside !== undefined)
      throw new Refused(
        isAddress
          ? `${host} is not a public address`
          : `${host} has the address ${inside}, which is not public`,
      )
    for (const address of addresses.slice(0, LIMITS.proxyAddresses)) {
      const socket = await open(connect(address, port)).catch(() => null)
      if (socket) return socket
    }
    throw new Unreachable(`${targetText(target)} does not answer`)
  }
}

function open(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(new Error('it took too long')), LIMITS.proxyConnectMs)
    const settle = (error?: Error) => {
      clearTimeout(timer)
      socket.off('connect', settle)
      socket.off('error', settle)
      if (!error) return resolve(socket)
      socket.on('error', () => {}) // It is being given up.
      socket.destroy()
      reject(error)
    }
    socket.once('connect', () => settle())
    socket.once('error', settle)
  })
}

/** Not getaddrinfo: it holds up what waits for files, and believes what stands in /etc/hosts. */
async function askNameServers(host: string): Promise<string[]> {
  const resolver = new Resolver({ timeout: 3000, tries: 2 })
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
  return answers.flatMap(answer => (answer.status === 'fulfilled' ? answer.value : []))
}

const addressesOfThisMachine = () =>
  Object.values(networkInterfaces()).flatMap(list => (list ?? []).map(({ address }) => address))

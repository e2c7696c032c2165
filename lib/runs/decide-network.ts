// What a run's commands may have of the network: what the request asks for, or else the project's accepted settings, within what
// the server grants.
import { hostRules, type Network, narrowNetwork, networkText } from '#lib/contract/network'
import { AppError } from '#lib/errors'
import { publicAddresses } from '#lib/workspace/network/public-address'

export interface NetworkSources {
  request: Network | undefined
  /** Of settings that somebody has accepted, or is about to; of others it does not count. */
  project: Network | undefined
  /** The most that any run may have; null: nobody said, so that a request may ask for all of it. */
  server: Network | null
}

export interface DecidedNetwork {
  network: Network
  /** What the project asks for and does not get; null: it gets all. */
  wanted: Network | null
}

/** Throws AppError('invalid') when the request asks for what cannot be granted. */
export function decideNetwork({ request, project, server }: NetworkSources): DecidedNetwork {
  if (request === undefined) {
    const network = narrowNetwork(project ?? 'off', server ?? 'on')
    return { network, wanted: isSame(network, project ?? 'off') ? null : (project ?? null) }
  }
  refuseInside(request)
  const granted = narrowNetwork(request, server ?? 'on')
  if (!isSame(granted, request)) {
    throw invalid(
      `this server grants its runs no more of the network than ${networkText(server ?? 'on')} (--network, RETRAI_NETWORK); ask for that, or a part of it`,
    )
  }
  return { network: request, wanted: null }
}

/** Said at the start: nobody would guess that the file is not enough. */
export const wantedText = (wanted: Network): string =>
  `The project's settings ask for the network (${networkText(wanted)}), and this server grants its runs less (retrai serve --network, RETRAI_NETWORK)`

/** Better said now than by each refused request. */
function refuseInside(network: Network): void {
  if (typeof network === 'string') return
  const isPublic = publicAddresses()
  for (const text of network) {
    const [rule] = hostRules([text])
    const isAddress = rule && (rule.host.includes(':') || /^[\d.]+$/.test(rule.host))
    if (isAddress && !isPublic(rule.host))
      throw invalid(`${text} is not a public address, and a list opens no other`)
  }
}

const isSame = (a: Network, b: Network) => networkText(a) === networkText(b)

const invalid = (detail: string) =>
  new AppError('invalid', `network: ${detail}`, { fields: [{ pointer: '/network', detail }] })

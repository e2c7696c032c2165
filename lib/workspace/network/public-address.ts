// Which addresses are of the internet, where a stranger's machine answers: none of this machine, of its network or of its
// provider, in whatever form they are written.
import { BlockList, isIP } from 'node:net'

const IPV4 = [
  ['0.0.0.0', 8], // this machine
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // behind a provider's address translation
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local, and what clouds tell their machines
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocols
  ['192.0.2.0', 24], // documentation
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16], // private
  ['192.175.48.0', 24],
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, broadcast
] as const

/** All that is global; with what of it stands for something else, such as an IPv4 address, taken out. */
const IPV6_GLOBAL = ['2000::', 3] as const
const IPV6 = [
  ['2001::', 23], // Teredo and other protocols
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4
  ['2620:4f:8000::', 48],
  ['3fff::', 20], // documentation
] as const

/** Answers false for whatever is not an address in its usual form. */
export function publicAddresses(): (address: string) => boolean {
  const inside = new BlockList()
  const global = new BlockList()
  for (const [network, bits] of IPV4) inside.addSubnet(network, bits, 'ipv4')
  for (const [network, bits] of IPV6) inside.addSubnet(network, bits, 'ipv6')
  global.addSubnet(...IPV6_GLOBAL, 'ipv6')
  return address => {
    const version = isIP(address)
    if (version === 4) return !inside.check(address, 'ipv4')
    // A zone names an interface of this machine.
    if (version !== 6 || address.includes('%')) return false
    return global.check(address, 'ipv6') && !inside.check(address, 'ipv6')
  }
}

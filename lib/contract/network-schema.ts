// The option that says what sandboxed commands may reach, as a request, a project or a command line gives it. Apart from what it
// means, because pages show that and have no use for the library that checks it.
import { z } from 'zod'
import { type Network, parseHostRule } from './network.ts'

const MAX_HOSTS = 100
const MUST_BE =
  'must be off, on, or a list of hosts such as packages.example.com, *.example.org, example.org:8443'

export const NetworkSchema = z
  .union([z.enum(['off', 'on']), z.array(z.string().max(300)).min(1, MUST_BE).max(MAX_HOSTS)], {
    error: MUST_BE,
  })
  .superRefine((network, context) => {
    if (typeof network === 'string') return
    network.forEach((host, index) => {
      if (parseHostRule(host)) return
      const message = `${JSON.stringify(host)} is not a host: give names such as packages.example.com, *.example.org or example.org:8443`
      context.addIssue({ code: 'custom', path: [index], message })
    })
  })
  .meta({
    id: 'Network',
    description:
      'off, on, or a list of hosts: these alone, by a proxy for HTTP and HTTPS, on ports 443 and 80 unless one is named; ' +
      '*.example.org is whatever lies below it. Only public addresses; a list needs the sandbox',
  })

/** As typed on a command line: off, on, or hosts with commas between. Throws Error with a sentence. */
export function parseNetwork(text: string): Network {
  const words = text.trim()
  const hosts = words.split(',').map(host => host.trim())
  const parsed = NetworkSchema.safeParse(words === 'off' || words === 'on' ? words : hosts.filter(Boolean))
  if (!parsed.success) throw new Error(parsed.error.issues[0]?.message)
  return parsed.data
}

// What is done with a command: the strictest answer of the built-in rules, the server, the project and the request.
import { posix } from 'node:path'
import type { CommandPolicy } from '../contract/command-policy.ts'
import { callsOf } from './all-calls.ts'
import { matchesPattern } from './pattern.ts'
import type { Action, Context } from './rule.ts'
import { RULES } from './rules.ts'
import type { ShellCall } from './shell-call.ts'

export interface PolicyLayers {
  /** Of whoever runs the server: nothing lifts what it asks or denies, and it may allow what the rules deny. */
  server?: CommandPolicy
  /** Of `.retrai.yml`: stricter only. */
  project?: CommandPolicy
  /** Of the request: it may allow what rules and project ask. */
  request?: CommandPolicy
}

export interface Where {
  root: string
  /** Absolute; where the command runs. */
  dir: string
  home: string
  isSandboxed: boolean
}

export interface Answer {
  action: Action
  /** The rule or pattern that decided; null when nothing spoke against it. */
  rule: string | null
  /** After «it». */
  why: string
  instead: string
}

interface Found extends Answer {
  isLifted: boolean
}

const STRICTNESS: Record<Action, number> = { allow: 0, ask: 1, deny: 2 }
const ALLOWED: Answer = { action: 'allow', rule: null, why: '', instead: '' }

/** Never throws. `on_ask: deny` anywhere makes every `ask` a `deny`. */
export function decide(command: string, layers: PolicyLayers, where: Where): Answer {
  const { root, home } = where
  const calls = callsOf(command, { dir: posix.normalize(where.dir), home, variables: new Map() })
  const context: Context = { root, home, calls }
  const found = [...byRules(context, layers, where), ...calls.flatMap(call => byPatterns(call, layers))]
  const standing = found.filter(({ isLifted }) => !isLifted)
  const [strictest = ALLOWED] = standing.toSorted((a, b) => STRICTNESS[b.action] - STRICTNESS[a.action])
  const { action, rule, why, instead } = strictest
  const isRefused = action === 'ask' && Object.values(layers).some(layer => layer?.on_ask === 'deny')
  return { action: isRefused ? 'deny' : action, rule, why, instead }
}

/** In the order of the rules: of two that are as strict the first one is told. */
function byRules(context: Context, { server, request }: PolicyLayers, where: Where): Found[] {
  return RULES.flatMap(rule => {
    const { name, why, instead } = rule
    const action = where.isSandboxed ? rule.sandboxed : rule.plain
    if (action === 'allow') return []
    return context.calls
      .filter(call => rule.finds(call, context))
      .map(call => {
        const isLifted =
          matchesAny(server?.allow, call) || (action === 'ask' && matchesAny(request?.allow, call))
        return { action, rule: name, why, instead, isLifted }
      })
  })
}

function byPatterns(call: ShellCall, layers: PolicyLayers): Found[] {
  return (['server', 'project', 'request'] as const).flatMap(name => {
    const layer = layers[name]
    return (['deny', 'ask'] as const).flatMap(action =>
      (layer?.[action] ?? [])
        .filter(pattern => matchesPattern(pattern, call))
        .map(pattern => ({
          action,
          rule: `${action}: ${pattern}`,
          why: `is what ${OWNER[name]} ${action === 'ask' ? 'asks a person about' : 'forbids'}`,
          instead: 'Do without it, or say in your last words what is to be done.',
          isLifted: name === 'project' && action === 'ask' && matchesAny(layers.request?.allow, call),
        })),
    )
  })
}

const OWNER = { server: 'the server', project: '.retrai.yml', request: 'the run' }

const matchesAny = (patterns: string[] | undefined, call: ShellCall) =>
  patterns?.some(pattern => matchesPattern(pattern, call)) ?? false

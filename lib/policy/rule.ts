// What a rule about commands is.
import type { ShellCall } from './shell-call.ts'

export type Action = 'allow' | 'ask' | 'deny'

export interface Context {
  root: string
  home: string
  /** All calls of the command. */
  calls: ShellCall[]
}

export interface Rule {
  name: string
  /** After «it». */
  why: string
  /** What the agent can do instead. */
  instead: string
  sandboxed: Action
  plain: Action
  finds(call: ShellCall, context: Context): boolean
}

// What the rules about commands say of a call, and what the agent is told where they forbid it.
import type { Answer } from '#lib/policy/decide'
import type { AgentDeps } from './deps.ts'
import type { Call } from './state.ts'

export interface Ruling extends Answer {
  command: string
  cwd: string | undefined
}

/** null for a call that runs no command, or cannot be executed anyway. */
export function rulingOn(
  { tools, answerTo }: Pick<AgentDeps, 'tools' | 'answerTo'>,
  call: Call,
): Ruling | null {
  if (call.cut || call.isExcess || call.malformed !== null) return null
  const tool = tools.find(({ name }) => name === call.name)
  const input = tool?.commandOf && tool.input.safeParse(call.args)
  if (!tool?.commandOf || !input?.success) return null
  const { command, cwd } = tool.commandOf(input.data)
  return { ...answerTo(command, cwd), command, cwd }
}

/** Why a call is not executed; null when it may be. */
export function refusalOf(call: Call, ruling: Ruling | null): string | null {
  if (call.decision?.isApproved) return null
  if (call.decision) {
    const { note } = call.decision
    return `Not run: the person who was asked about this command refused it${note ? `, and says: ${note}` : ''}. Do not try it in another way; do without it, or say in your last words that it is to be done.`
  }
  if (ruling?.action !== 'deny') return null
  return `Not run: the rule ${ruling.rule} forbids it, because it ${ruling.why}. ${ruling.instead} Nothing of the command was executed.`
}

// Calls are known by their id: in the journal, in the conversation, after a restart. Some endpoints that speak the Messages API
// number them anew in each answer, or not at all.
import type { ContentBlock, Message, ModelResponse } from '#lib/models/model'

/** The same answer, with another id for each call whose id is empty or was used before. */
export function withUniqueIds(response: ModelResponse, messages: Message[]): ModelResponse {
  const used = new Set(messages.flatMap(({ content }) => callIds(content)))
  const malformedArgs: Record<string, string> = {}
  const content = response.content.map(block => {
    if (block.type !== 'tool_use') return block
    const id = freeId(block.id, used)
    used.add(id)
    const malformed = response.malformedArgs[block.id]
    if (malformed !== undefined) malformedArgs[id] = malformed
    return id === block.id ? block : { ...block, id }
  })
  return { ...response, content, malformedArgs }
}

const callIds = (content: string | ContentBlock[]) =>
  typeof content === 'string' ? [] : content.flatMap(block => (block.type === 'tool_use' ? [block.id] : []))

function freeId(id: string, used: Set<string>): string {
  const base = id === '' ? 'call' : id
  if (id !== '' && !used.has(id)) return id
  let number = 2
  while (used.has(`${base}_${number}`)) number += 1
  return `${base}_${number}`
}

// Refuses what the real Messages API would refuse, so that no test passes with a conversation that a real model would
// never have seen.
import { Ajv2020 } from 'ajv/dist/2020.js'

type Json = Record<string, unknown>

const TOP_LEVEL = new Set([
  'model',
  'max_tokens',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'stream',
  'metadata',
  'stop_sequences',
  'temperature',
  'thinking',
  'output_config',
  'service_tier',
  'cache_control',
])

const FIELDS: Record<string, Set<string>> = {
  text: new Set(['type', 'text', 'cache_control', 'citations']),
  tool_use: new Set(['type', 'id', 'name', 'input', 'cache_control', 'caller']),
  tool_result: new Set(['type', 'tool_use_id', 'content', 'is_error', 'cache_control']),
  thinking: new Set(['type', 'thinking', 'signature']),
  redacted_thinking: new Set(['type', 'data']),
  image: new Set(['type', 'source', 'cache_control']),
  document: new Set(['type', 'source', 'title', 'context', 'citations', 'cache_control']),
}

class Refusal extends Error {}

export interface IssuedThinking {
  /** Signature → the thought it was given for; data of redacted thoughts → itself. */
  signatures: Map<string, string>
}

/** The message of the 400 that the API would answer; null when it would accept the request. */
export function refusalOf(body: unknown, issued: IssuedThinking): string | null {
  try {
    validate(body, issued)
    return null
  } catch (error) {
    if (error instanceof Refusal) return error.message
    throw error
  }
}

function refuse(message: string): never {
  throw new Refusal(message)
}

function validate(body: unknown, issued: IssuedThinking): void {
  if (!isObject(body)) refuse('The request body is not an object')
  for (const key of Object.keys(body)) {
    if (!TOP_LEVEL.has(key)) refuse(`${key}: Extra inputs are not permitted`)
  }
  if (typeof body.model !== 'string' || body.model === '') refuse('model: Field required')
  if (!Number.isInteger(body.max_tokens) || (body.max_tokens as number) < 1) {
    refuse('max_tokens: Input should be a positive integer')
  }
  validateSystem(body.system)
  validateTools(body.tools)
  validateMessages(body.messages, issued)
  const marks = countMarks(body)
  if (marks > 4) refuse(`A maximum of 4 blocks with cache_control may be provided. Found ${marks}.`)
}

function validateSystem(system: unknown): void {
  if (system === undefined || typeof system === 'string') return
  if (!Array.isArray(system)) refuse('system: Input should be a string or a list of text blocks')
  system.forEach((block, i) => {
    if (!isObject(block) || block.type !== 'text') refuse(`system.${i}: Input should be a text block`)
    validateBlock(block, `system.${i}`)
  })
}

function validateTools(tools: unknown): void {
  if (tools === undefined) return
  if (!Array.isArray(tools)) refuse('tools: Input should be a list')
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  const names = new Set<string>()
  tools.forEach((tool, i) => {
    if (!isObject(tool)) refuse(`tools.${i}: Input should be an object`)
    const { name, input_schema: schema } = tool
    if (typeof name !== 'string' || !/^[a-zA-Z0-9_-]{1,128}$/.test(name)) {
      refuse(`tools.${i}.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`)
    }
    if (names.has(name)) refuse('tools: Tool names must be unique.')
    names.add(name)
    if (tool.description !== undefined && typeof tool.description !== 'string') {
      refuse(`tools.${i}.description: Input should be a string`)
    }
    if (!isObject(schema)) refuse(`tools.${i}.input_schema: Field required`)
    if (schema.type !== 'object') refuse(`tools.${i}.input_schema.type: Input should be 'object'`)
    const { $schema: _, ...rest } = schema
    if (!ajv.validateSchema(rest)) {
      refuse(`tools.${i}.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12`)
    }
  })
}

function validateMessages(messages: unknown, issued: IssuedThinking): void {
  if (!Array.isArray(messages)) refuse('messages: Field required')
  if (messages.length === 0) refuse('messages: at least one message is required')
  const seen = new Set<string>()
  let awaited: string[] = []
  messages.forEach((message: unknown, i) => {
    const at = `messages.${i}`
    if (!isObject(message)) refuse(`${at}: Input should be an object`)
    const expected = i % 2 === 0 ? 'user' : 'assistant'
    if (message.role !== expected) {
      refuse(`${at}: roles must alternate between "user" and "assistant", beginning with "user"`)
    }
    for (const key of Object.keys(message)) {
      if (key !== 'role' && key !== 'content') refuse(`${at}.${key}: Extra inputs are not permitted`)
    }
    const blocks = blocksOf(message.content, at)
    blocks.forEach((block, j) => {
      validateBlock(block, `${at}.content.${j}`)
    })
    if (message.role === 'user') {
      validateResults(blocks, awaited, at)
      awaited = []
    } else {
      awaited = validateCalls(blocks, seen, at)
      validateThinking(blocks, issued, at)
    }
  })
  if (messages.length % 2 === 0) {
    refuse(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    )
  }
}

function blocksOf(content: unknown, at: string): Json[] {
  if (typeof content === 'string') {
    if (content.trim() === '') refuse(`${at}: user messages must have non-empty content`)
    return [{ type: 'text', text: content }]
  }
  if (!Array.isArray(content)) refuse(`${at}.content: Field required`)
  if (content.length === 0) refuse(`${at}: all messages must have non-empty content`)
  return content.map((block: unknown, j) =>
    isObject(block) ? block : refuse(`${at}.content.${j}: Input should be an object`),
  )
}

function validateBlock(block: Json, at: string): void {
  const type = String(block.type)
  const fields = FIELDS[type]
  if (!fields) refuse(`${at}: Input tag '${type}' found using 'type' does not match any of the expected tags`)
  for (const key of Object.keys(block)) {
    if (!fields.has(key)) refuse(`${at}.${type}.${key}: Extra inputs are not permitted`)
  }
  if (type === 'text') {
    if (typeof block.text !== 'string') refuse(`${at}.text.text: Field required`)
    if (block.text === '') refuse('messages: text content blocks must be non-empty')
    if (block.text.trim() === '') refuse('messages: text content blocks must contain non-whitespace text')
  }
  if (type === 'tool_result') validateResultContent(block.content, at)
  if (block.cache_control !== undefined && block.cache_control !== null) {
    if (!isObject(block.cache_control) || block.cache_control.type !== 'ephemeral') {
      refuse(`${at}.cache_control.type: Input should be 'ephemeral'`)
    }
  }
}

function validateResultContent(content: unknown, at: string): void {
  if (content === undefined || typeof content === 'string') return
  if (!Array.isArray(content)) refuse(`${at}.tool_result.content: Input should be a string or a list`)
  content.forEach((block: unknown, j) => {
    if (!isObject(block)) refuse(`${at}.tool_result.content.${j}: Input should be an object`)
    validateBlock(block, `${at}.tool_result.content.${j}`)
  })
}

/** The ids of the tool calls of an assistant message, which the next message has to answer. */
function validateCalls(blocks: Json[], seen: Set<string>, at: string): string[] {
  const calls: string[] = []
  blocks.forEach((block, j) => {
    if (block.type === 'tool_result') refuse(`${at}: tool_result blocks can only be in user messages`)
    if (block.type !== 'tool_use') return
    const { id, name, input } = block
    if (typeof id !== 'string' || !/^[a-zA-Z0-9_-]+$/.test(id)) {
      refuse(`${at}.content.${j}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`)
    }
    if (seen.has(id)) refuse('messages: `tool_use` ids must be unique')
    seen.add(id)
    if (typeof name !== 'string' || name === '') refuse(`${at}.content.${j}.tool_use.name: Field required`)
    if (!isObject(input)) refuse(`${at}.content.${j}.tool_use.input: Input should be an object`)
    calls.push(id)
  })
  return calls
}

function validateResults(blocks: Json[], awaited: string[], at: string): void {
  const answered: string[] = []
  let afterOther = false
  for (const block of blocks) {
    if (block.type === 'tool_use' || block.type === 'thinking') {
      refuse(`${at}: ${block.type} blocks can only be in assistant messages`)
    }
    if (block.type !== 'tool_result') {
      afterOther = true
      continue
    }
    const id = String(block.tool_use_id)
    if (!awaited.includes(id)) {
      refuse(
        `${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      )
    }
    if (answered.includes(id)) {
      refuse(
        `${at}: each tool_use must have a single result. Found multiple \`tool_result\` blocks with id: ${id}`,
      )
    }
    if (afterOther) refuse(`${at}: tool_result blocks must come first in the content`)
    answered.push(id)
  }
  const missing = awaited.filter(id => !answered.includes(id))
  if (missing.length > 0) {
    refuse(
      `${at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(', ')}`,
    )
  }
}

function validateThinking(blocks: Json[], { signatures }: IssuedThinking, at: string): void {
  for (const block of blocks) {
    if (block.type === 'thinking') {
      if (signatures.get(String(block.signature)) !== block.thinking) {
        refuse(`${at}: Invalid \`signature\` in \`thinking\` block: these blocks cannot be modified`)
      }
    }
    if (block.type === 'redacted_thinking' && !signatures.has(String(block.data))) {
      refuse(`${at}: Invalid \`data\` in \`redacted_thinking\` block: these blocks cannot be modified`)
    }
  }
}

function countMarks(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + countMarks(item), 0)
  if (!isObject(value)) return 0
  let marks = isObject(value.cache_control) ? 1 : 0
  for (const [key, inner] of Object.entries(value)) {
    // What a tool was called with is data, whatever its keys are called.
    if (key !== 'cache_control' && key !== 'input' && key !== 'input_schema') marks += countMarks(inner)
  }
  return marks
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

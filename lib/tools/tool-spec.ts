import { z } from 'zod'
import type { ToolSpec } from '#lib/models/model'
import type { Tool } from './tool.ts'

/** A tool as the model is told of it. */
export function toolSpec(tool: Tool): ToolSpec {
  const { $schema: _, ...schema } = z.toJSONSchema(tool.input, { io: 'input' })
  return {
    name: tool.name,
    description: tool.description,
    input_schema: { ...schema, type: 'object' } as ToolSpec['input_schema'], // tools' inputs are objects
  }
}

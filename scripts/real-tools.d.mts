export type RealTool = 'jest' | 'eslint' | 'pyright' | 'bun' | 'deno'
export const TOOLS: Record<RealTool, string[]>
export function realTool(name: RealTool): Promise<string>

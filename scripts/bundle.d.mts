import type { Plugin } from 'esbuild'

export const HELPERS: string[]
export function bundle(options: {
  root: string
  outdir: string
  entryPoints: Record<string, string>
  plugins?: Plugin[]
}): Promise<void>
export const withoutCrashPoints: Plugin

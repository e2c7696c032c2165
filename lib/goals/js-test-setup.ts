// The files that a JavaScript runner's configuration names and that run before or around every test: they decide what a test
// proves as much as the tests do.
import type { Workspace } from '../workspace/workspace.ts'
import { CODE_ENDINGS } from './js-project.ts'
import { kindOf, readText } from './project-files.ts'

const CONFIGS = [
  ...['vitest.config', 'jest.config', 'vite.config'].flatMap(name =>
    CODE_ENDINGS.map(ending => `${name}.${ending}`),
  ),
  'jest.config.json',
  'package.json',
  'bunfig.toml',
  '.mocharc.json',
  '.mocharc.cjs',
  '.mocharc.js',
  '.mocharc.yml',
]

const NAMING =
  /\b(?:setupFiles|setupFilesAfterEnv|setupTestFrameworkScriptFile|globalSetup|globalTeardown|testEnvironment|testRunner|runner|resolver|reporters|snapshotSerializers|preload|require)["']?\s*[:=]\s*(\[(?:[^\]"']|"[^"\n]*"|'[^'\n]*'){0,500}\]|["'][^"'\n]{0,500}["']|[^\s"'[{]{1,200})/g

/** Patterns for those that are in the project, and for a vite.config that configures vitest as well. */
export async function jsTestSetup(workspace: Workspace): Promise<string[]> {
  const found = new Set<string>()
  for (const config of CONFIGS) {
    const text = (await readText(workspace, config)) ?? ''
    if (config.startsWith('vite.config') && /\btest\s*:\s*[{(\w]/.test(text)) found.add(config)
    for (const [, value = ''] of text.matchAll(NAMING))
      for (const path of pathsIn(value).slice(0, 20)) {
        const file = await existing(workspace, path)
        if (file !== null) found.add(literally(file))
      }
  }
  return [...found]
}

const pathsIn = (value: string): string[] => {
  const quoted = [...value.matchAll(/["']([^"'\n]+)["']/g)].map(([, path = '']) => path)
  return (quoted.length > 0 ? quoted : [value]).map(path =>
    path.replace(/^<rootDir>\//, '').replace(/^(?:\.\/)+/, ''),
  )
}

async function existing(workspace: Workspace, path: string): Promise<string | null> {
  if (path === '' || path.startsWith('/') || path.split('/').includes('..')) return null
  // Often named without its ending.
  for (const candidate of [path, ...CODE_ENDINGS.map(ending => `${path}.${ending}`)])
    if ((await kindOf(workspace, candidate)) === 'file') return candidate
  return null
}

const literally = (path: string) => path.replace(/[\\*?()[\]{}!+@|]/g, '\\$&')

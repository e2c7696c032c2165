// What it means that something a check is made of is not what it was at the start.
import picomatch from 'picomatch'
import type { Flag } from '../contract/events/shared.ts'
import type { ToolIdentity } from '../goals/goal.ts'
import type { Differences, Finding } from './fingerprint.ts'

export interface ToolFlagOptions {
  differences: Differences
  tool: ToolIdentity
  /** Words of the check's command and scripts that are programs. */
  named: string[]
  /** Paths the run changed, of the files in snapshots. */
  changedPaths: string[]
}

export function toolFlags({ differences, ...options }: ToolFlagOptions): Flag[] {
  return differences.findings.flatMap(finding => flagOf(finding, options) ?? [])
}

function flagOf(finding: Finding, options: Omit<ToolFlagOptions, 'differences'>): Flag | null {
  const { path, name = '' } = finding
  const isTool = name !== '' && isOfTool(options.tool, name)
  const isProgram = isProgramOfCheck(name, options)
  const hasManifest = options.changedPaths.some(changed => MANIFEST.test(changed))
  switch (finding.kind) {
    case 'program':
      return {
        code: 'tool_changed',
        path,
        detail: `\`${name}\` is no longer what it was at the start (${finding.before ?? 'not there'} then, ${finding.now ?? 'gone'} now).`,
        blocks: true,
      }
    case 'setting':
      return {
        code: 'tool_changed',
        path,
        detail: `${path}, which the check's tool reads, was added or changed since the run began.`,
        blocks: true,
      }
    case 'tool':
      return { code: 'tool_changed', path, detail: `${path} of the check's tool was changed.`, blocks: true }
    case 'shadow':
      return {
        code: 'tool_shadowed',
        path,
        detail: `${path} takes the place of a module that the check uses.`,
        blocks: true,
      }
    case 'startup':
      return { code: 'tool_shadowed', path, detail: `${path} runs whenever Python starts.`, blocks: true }
    case 'plugin':
      return {
        code: 'tool_shadowed',
        path,
        detail: `${path} makes pytest load another plugin.`,
        blocks: true,
      }
    case 'program_added':
      if (!isProgram) return null
      return { code: 'tool_shadowed', path, detail: `${path} takes the place of \`${name}\`.`, blocks: true }
    case 'program_changed':
      if (isProgram)
        return {
          code: 'tool_changed',
          path,
          detail: `${path} was changed since the run began.`,
          blocks: true,
        }
      return hasManifest ? null : changedDependency(path, `${path} was changed`, true)
    case 'nested':
      return {
        code: 'tool_shadowed',
        path,
        detail: `${path} takes the place of ${finding.before} for part of the project.`,
        blocks: isTool || !hasManifest,
      }
    case 'new':
      return isTool && !finding.before && options.tool.npmPackages?.some(pattern => isMatch(pattern, name))
        ? { code: 'tool_shadowed', path, detail: `${path} was not there at the start.`, blocks: true }
        : null
    case 'upgrade':
      if (isTool)
        return {
          code: 'tool_changed',
          path,
          detail: `${name} is another version than at the start (${finding.before} then, ${finding.now} now).`,
          blocks: true,
        }
      return changedDependency(path, `${name} went from ${finding.before} to ${finding.now}`, !hasManifest)
    case 'removed':
      return isTool || !hasManifest ? changedDependency(path, `${name || path} was removed`, isTool) : null
    case 'changed':
    case 'gone':
      if (isTool)
        return {
          code: 'tool_changed',
          path,
          detail: `${path} of the check's tool was changed.`,
          blocks: true,
        }
      return changedDependency(
        path,
        `${path} was ${finding.kind === 'gone' ? 'removed' : 'changed'}, and ${name || 'its package'} is still the same version`,
        true,
      )
    case 'added':
      if (isTool)
        return { code: 'tool_changed', path, detail: `${path} was added to the check's tool.`, blocks: true }
      return changedDependency(path, `${path} was added to a package that was there`, false)
    default:
      return finding.kind satisfies never
  }
}

const changedDependency = (path: string, what: string, blocks: boolean): Flag => ({
  code: 'dependency_changed',
  path,
  detail: `${what}.`,
  ...(blocks && { blocks }),
})

/** npm scripts find these in node_modules/.bin before those of the system. */
const ALWAYS = new Set([
  'node',
  'npm',
  'npx',
  'sh',
  'bash',
  'env',
  'python',
  'python3',
  'pytest',
  'pyvenv.cfg',
])

const isProgramOfCheck = (name: string, { tool, named }: Pick<ToolFlagOptions, 'tool' | 'named'>) =>
  ALWAYS.has(name) ||
  named.includes(name) ||
  (tool.programs ?? []).includes(name) ||
  (tool.npmPackages ?? []).includes(name)

const isOfTool = ({ npmPackages = [], pythonModules = [] }: ToolIdentity, name: string) =>
  npmPackages.some(pattern => isMatch(pattern, name)) || pythonModules.includes(name)

const isMatch = (pattern: string, name: string) =>
  pattern === name || (pattern.includes('*') && picomatch.isMatch(name, pattern))

/** What says which packages a project wants. */
const MANIFEST =
  /(^|\/)(package\.json|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|pnpm-workspace\.yaml|yarn\.lock|bun\.lockb?|requirements[^/]*\.(txt|in)|pyproject\.toml|setup\.(cfg|py)|Pipfile(\.lock)?|poetry\.lock|uv\.lock|pdm\.lock|environment\.ya?ml|composer\.(json|lock)|Gemfile(\.lock)?|go\.(mod|sum))$/

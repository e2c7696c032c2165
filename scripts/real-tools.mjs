// Tools that the goals' tests run for real and that are too heavy to be dependencies: installed once from the npm registry,
// below node_modules/.cache, without running anything of theirs. `npm test` does it in a step of its own.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { withLock } from './lock.mjs'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const cache = path.join(root, 'node_modules/.cache/retrai-tools')
const isArm = process.arch === 'arm64'

/** The packages and their versions; bun and deno are the programs themselves, without the package that would fetch them. */
export const TOOLS = {
  jest: ['jest', '30.5.2'],
  eslint: ['eslint', '10.15.0'],
  pyright: ['pyright', '1.1.414'],
  bun: [isArm ? '@oven/bun-linux-aarch64' : '@oven/bun-linux-x64-baseline', '1.4.5', 'bin/bun'],
  deno: [isArm ? '@deno/linux-arm64-glibc' : '@deno/linux-x64-glibc', '2.9.6', 'deno'],
}

/**
 * The `node_modules` folder of a tool. Its program is in `.bin`, as npm would have put it there. Rejects with a sentence when
 * it cannot be had.
 */
export async function realTool(name) {
  const [pack, version, program] = TOOLS[name]
  const folder = path.join(cache, `${name}-${version}`)
  const modules = path.join(folder, 'node_modules')
  if (existsSync(folder)) return modules
  await withLock(path.join(cache, `${name}.lock`), () => {
    if (existsSync(folder)) return
    const partial = path.join(cache, `${name}.partial`)
    rmSync(partial, { recursive: true, force: true })
    mkdirSync(partial, { recursive: true })
    writeFileSync(path.join(partial, 'package.json'), '{ "private": true }\n')
    console.log(`Installing ${pack}@${version} for the tests …`)
    const { status, stderr } = spawnSync(
      'npm',
      [
        'install',
        '--no-save',
        '--no-package-lock',
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
        `${pack}@${version}`,
      ],
      { cwd: partial, encoding: 'utf8' },
    )
    if (status !== 0)
      throw new Error(
        `These tests need ${pack}@${version} from the npm registry, and npm could not install it: ${stderr ?? ''}`,
      )
    if (program) linkProgram(partial, pack, program)
    renameSync(partial, folder)
  })
  return modules
}

function linkProgram(folder, pack, program) {
  const bin = path.join(folder, 'node_modules/.bin')
  mkdirSync(bin, { recursive: true })
  symlinkSync(path.join('..', pack, program), path.join(bin, path.basename(program)))
  chmodSync(path.join(folder, 'node_modules', pack, program), 0o755)
}

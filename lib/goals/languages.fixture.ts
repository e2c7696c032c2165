// For tests of goals with the real tools of other languages: each must be there, and a PATH without one.
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Throws a sentence that says how the tool comes here. */
export function needTool(program: string, args: string[], how: string) {
  try {
    execFileSync(program, args, { stdio: 'ignore' })
  } catch {
    throw new Error(`These tests need a real ${program}: ${how}`)
  }
}

/** Runs `work` while PATH has nothing but the usual small programs. */
export async function withoutTools<T>(work: () => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'retrai-path-'))
  const before = process.env.PATH
  try {
    await mkdir(join(folder, 'bin'))
    for (const name of ['sh', 'cat', 'rm', 'mkdir', 'find', 'wc', 'git', 'env', 'touch', 'sed', 'tee'])
      await symlink(
        execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(),
        join(folder, 'bin', name),
      )
    process.env.PATH = join(folder, 'bin')
    return await work()
  } finally {
    process.env.PATH = before
    await rm(folder, { recursive: true, force: true })
  }
}

// What our part inside the test runner saw the code under test do to it.
import { createHash } from 'node:crypto'
import type { Flag } from '../contract/events/shared.ts'
import type { CheckResult, Tampering } from '../goals/goal.ts'
import type { Workspace } from '../workspace/workspace.ts'

interface Trees {
  workspace: Workspace
  base: string
}

/** A file that ran as it was at the start may do what it did then: hooks of a conftest.py, a helper that patches. */
export async function tamperingFlags(result: CheckResult, { workspace, base }: Trees): Promise<Flag[]> {
  const all = [result, ...(result.parts ?? [])].flatMap(({ tampering }) => tampering ?? [])
  const flags: Flag[] = []
  for (const { what, file, sha256 } of all.slice(0, MOST)) {
    if (file !== null && (await ranAsAtStart({ file, sha256 }))) continue
    flags.push({ code: 'tool_shadowed', path: file, detail: `During the check, ${what}.`, blocks: true })
  }
  return flags

  async function ranAsAtStart({ file, sha256 }: Pick<Tampering, 'sha256'> & { file: string }) {
    const before = await workspace.fileAt(base, file).catch(() => null)
    return before !== null && createHash('sha256').update(before).digest('hex') === sha256
  }
}

const MOST = 50

// What the server holds in memory, from outside.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Resident, in MiB; null where /proc is not. */
export function residentMiB(pid: number): number | null {
  try {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kib === undefined ? null : Number(kib) / 1024
  } catch {
    return null
  }
}

/** The least that was seen while it was given time to let go of what it does not need. */
export async function restingMiB(pid: number, { below, withinMs }: { below: number; withinMs: number }) {
  const deadline = performance.now() + withinMs
  let least = residentMiB(pid) ?? 0
  while (least > below && performance.now() < deadline) {
    await sleep(250)
    least = Math.min(least, residentMiB(pid) ?? 0)
  }
  return least
}

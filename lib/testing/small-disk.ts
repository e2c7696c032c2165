// A real file system of a few megabytes, to fill up. Mounting needs root; where that is missing, tests of failures that are made
// up stand in.
import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { tempFolder } from './temp-folder.ts'

const mount = (folder: string, mebibytes: number) =>
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder], { stdio: 'ignore' })
const unmount = (folder: string) => execFileSync('umount', ['-l', folder], { stdio: 'ignore' })

export function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/proc/mounts')) return false
  const folder = path.join('/tmp', `retrai-mount-${process.pid}`)
  try {
    execFileSync('mkdir', ['-p', folder])
    mount(folder, 1)
    unmount(folder)
    return true
  } catch {
    return false // in a container without the right to
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export function smallDisk(mebibytes = 16) {
  const folder = tempFolder('small')
  mount(folder, mebibytes)
  onTestFinished(() => {
    unmount(folder)
  })
  const filler = path.join(folder, 'filler')
  const free = () => {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  }
  return {
    folder,
    free,
    /** Leaves so many bytes. */
    fill(leave = 0) {
      rmSync(filler, { force: true })
      writeFileSync(filler, Buffer.alloc(Math.max(0, free() - leave), 1))
    },
    makeRoom: () => rmSync(filler, { force: true }),
  }
}

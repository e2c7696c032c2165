import { spawnSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readdirSync, rmSync, unlinkSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Real pipes for stdout and stderr together. Node's own are sockets, where `> /dev/stderr` fails, and one for each, where
 * the order between them is lost. Named pipes are made many at a time and unlinked when opened.
 */
export function createPipes() {
  let folder
  let paths = []

  function makeFolder() {
    // What helpers that were killed left.
    for (const name of readdirSync(tmpdir())) {
      const pid = /^retrai-pipes-(\d+)-/.exec(name)?.[1]
      if (pid && !isAlive(Number(pid))) rmSync(join(tmpdir(), name), { recursive: true, force: true })
    }
    return mkdtempSync(join(tmpdir(), `retrai-pipes-${process.pid}-`))
  }

  function refill() {
    folder ??= makeFolder()
    const fresh = Array.from({ length: 32 }, (_, index) => join(folder, `${Date.now()}-${index}`))
    const made = spawnSync('mkfifo', ['-m', '600', ...fresh], { stdio: 'ignore' })
    if (made.status === 0) paths = fresh
  }

  function openNext() {
    try {
      if (paths.length === 0) refill()
      const path = paths.pop()
      if (!path) return undefined
      const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
      const write = openSync(path, constants.O_WRONLY)
      unlinkSync(path)
      const read = new Socket({ fd: readEnd, readable: true, writable: false })
      return {
        read,
        write,
        closeWrite: () => closeSync(write),
        abandon() {
          closeSync(write)
          read.destroy()
        },
      }
    } catch {
      folder = undefined
      paths = []
      return undefined
    }
  }

  return {
    /** undefined where named pipes cannot be made: then Node's own have to do. */
    open() {
      // The second time because the system may have cleaned its temporary folder.
      return openNext() ?? openNext()
    },
    close() {
      if (folder) rmSync(folder, { recursive: true, force: true })
    },
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

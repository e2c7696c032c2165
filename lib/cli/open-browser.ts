import { spawn } from 'node:child_process'
import process from 'node:process'

/** Opens a page in the browser of whoever sits here; where there is none, nothing happens: the address was printed. */
export function openBrowser(url: string): void {
  const [program, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '', url]
        : ['xdg-open', url]
  const child = spawn(program ?? '', args, { stdio: 'ignore', detached: true })
  child.once('error', () => {}) // no such program
  child.unref()
}

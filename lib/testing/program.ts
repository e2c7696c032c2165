// Starts one of the tiny programs beside, which tests run and kill.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export function startProgram(name: string, args: string[]) {
  const script = fileURLToPath(new URL(`./programs/${name}.ts`, import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const output = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output.out += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    output.err += chunk
  })
  const exited = new Promise<number | null>(resolve => child.once('close', code => resolve(code)))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  return {
    output,
    pid: child.pid,
    exited,
    say: (line: string) => child.stdin.write(`${line}\n`),
    /** Resolves as soon as what was printed satisfies the condition; rejects when the program ends before. */
    async until(condition: (out: string) => boolean): Promise<void> {
      await new Promise<void>((resolve, reject) => {
        const look = () => {
          if (condition(output.out)) resolve()
        }
        child.stdout.on('data', look)
        child.once('close', () => reject(new Error(`the program ended: ${output.err}`)))
        look()
      })
    },
    async kill(): Promise<void> {
      child.kill('SIGKILL')
      await exited
    },
  }
}

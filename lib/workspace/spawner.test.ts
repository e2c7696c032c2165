import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { childEnv } from './child-env.ts'
import { joinKept } from './cut-output.ts'
import { createSpawner, type Spawner, type SpawnRequest } from './spawner.ts'
import { processesWith, type TestFolder, testFolder, uniqueSeconds, until } from './test-folder.ts'

let folder: TestFolder
let spawner: Spawner
let seconds: string

beforeEach(async () => {
  folder = await testFolder()
  spawner = createSpawner()
  seconds = uniqueSeconds()
})
afterEach(async () => {
  await spawner.close()
  await folder.remove()
})

function bash(command: string, more: Partial<SpawnRequest> = {}): SpawnRequest {
  return {
    argv: ['bash', '-c', command],
    cwd: folder.path,
    env: childEnv(process.env),
    timeoutMs: 15_000,
    headBytes: 1000,
    tailBytes: 1000,
    merge: true,
    ...more,
  }
}

async function output(command: string, more: Partial<SpawnRequest> = {}): Promise<string> {
  return joinKept((await spawner.run(bash(command, more))).out).text
}

/** Every way out of the process group we know, none of them willing to end. */
const stubborn = () => `
  sleep ${seconds} &
  setsid sleep ${seconds} &
  setsid -f bash -c 'trap "" TERM; sleep ${seconds}; sleep ${seconds}'
  (setsid bash -c 'bash -c "trap \\"\\" TERM HUP; exec sleep ${seconds}" & exit' &)
  env -i setsid -f sleep ${seconds}
  trap "" TERM`

describe('a command', () => {
  test('gives its exit code, and its output in the order it was written', async () => {
    const result = await spawner.run(
      bash('echo one; echo two >&2; echo three; echo four > /dev/stderr; exit 7'),
    )
    expect(result).toMatchObject({ exitCode: 7, signal: null, timedOut: false, problem: null })
    expect(joinKept(result.out).text).toBe('one\ntwo\nthree\nfour\n')
  })

  test('has stdout and stderr apart when they are not merged', async () => {
    const result = await spawner.run(bash('echo out; echo err >&2', { merge: false }))
    expect([joinKept(result.out).text, joinKept(result.err).text]).toEqual(['out\n', 'err\n'])
  })

  test('finds stdin empty, or what it is given', async () => {
    expect(await output('wc -c')).toBe('0\n')
    expect(await output('tr a-z A-Z', { input: 'shout' })).toBe('SHOUT')
  })

  test('that cannot be started says why', async () => {
    const result = await spawner.run(bash('', { argv: ['/no/such/program'] }))
    expect(result).toMatchObject({ notStarted: true, exitCode: null })
    expect(result.problem).toContain('ENOENT')
  })

  test('that is longer than the system takes says what to do', async () => {
    const result = await spawner.run(bash(`: ${'x'.repeat(200_000)}`))
    expect(result.problem).toBe(
      'The command is too long for the system; write it to a file and run that file.',
    )
  })

  test('inherits no descriptors of the server or the helper', async () => {
    expect(await output('ls /proc/self/fd | wc -l')).toBe('4\n') // 0, 1, 2 and the listing's own
  })

  test('shows live output a few times a second, without breaking characters', async () => {
    const chunks: string[] = []
    await spawner.run(
      bash(`printf 'caf\\xc3'; sleep 0.2; printf '\\xa9!'`, { onOutput: chunk => chunks.push(chunk) }),
    )
    expect(chunks.join('')).toBe('café!')
    expect(chunks.length).toBeGreaterThan(1)
  })
})

describe('nothing is left', () => {
  test('after a timeout, whatever the command did to get away', async () => {
    const result = await spawner.run(bash(`${stubborn()}; sleep ${seconds}`, { timeoutMs: 400 }))
    expect(await processesWith(seconds)).toEqual([])
    expect(result).toMatchObject({ exitCode: null, timedOut: true })
    expect(result.durationMs).toBeLessThan(2400)
  })

  test('after a command ended and left things in the background', async () => {
    const result = await spawner.run(bash(`${stubborn()}; echo done`))
    expect(await processesWith(seconds)).toEqual([])
    expect(result.exitCode).toBe(0)
    expect(joinKept(result.out).text).toBe('done\n')
    expect(result.durationMs).toBeLessThan(2000)
  })

  test('after an abort, which rejects with its reason only then, within two seconds', async () => {
    const controller = new AbortController()
    const run = spawner.run(bash(`${stubborn()}; sleep ${seconds}`, { signal: controller.signal }))
    await until(async () => (await processesWith(seconds)).length >= 6)
    const began = performance.now()
    controller.abort(new Error('enough'))
    await expect(run).rejects.toThrow('enough')
    expect(await processesWith(seconds)).toEqual([])
    expect(performance.now() - began).toBeLessThan(2000)
  })

  test('of a command that cleared its environment, while others run', async () => {
    const other = spawner.run(bash('sleep 2; echo still here'))
    await spawner.run(bash(`env -i setsid sleep ${seconds} & disown; sleep 0.3`))
    expect(await processesWith(seconds)).toEqual([])
    expect(joinKept((await other).out).text).toBe('still here\n')
  })

  test('of a program that forks as fast as it can', async () => {
    const forks = `f() { bash -c 'sleep ${seconds}' & }; while :; do f; sleep 0.01; done`
    await spawner.run(bash(forks, { timeoutMs: 500 }))
    expect(await processesWith(seconds)).toEqual([])
  })

  test('where processes are seen through ps', async () => {
    const throughPs = createSpawner({ processes: 'ps' })
    const awkward = `sleep ${seconds} & setsid sleep ${seconds} & setsid -f sleep ${seconds}; sleep ${seconds}`
    const result = await throughPs.run(bash(awkward, { timeoutMs: 400 }))
    expect(await processesWith(seconds)).toEqual([])
    expect(result.timedOut).toBe(true)
    await throughPs.close()
  })

  test('when the spawner is closed', async () => {
    const run = spawner.run(bash(`${stubborn()}; sleep ${seconds}`))
    await until(async () => (await processesWith(seconds)).length >= 6)
    const stopped = expect(run).rejects.toMatchObject({ code: 'stopping' })
    await spawner.close()
    expect(await processesWith(seconds)).toEqual([])
    await stopped
    await expect(spawner.run(bash('true'))).rejects.toMatchObject({ code: 'stopping' })
  })
})

describe('output without end', () => {
  test('keeps head and tail, and the helper stays small', async () => {
    const command = `echo start; head -c 200000000 /dev/zero | tr '\\0' x; echo end; grep VmHWM /proc/$PPID/status`
    const result = await spawner.run(bash(command))
    expect(result.out.bytes).toBeGreaterThan(200_000_000)
    const { text, truncated } = joinKept(result.out)
    expect(truncated).toBe(true)
    expect(text).toMatch(/^start\nx+\n\[… [\d,]+ bytes left out …\]\nx+end\n/)
    expect(Number(/VmHWM:\s+(\d+) kB/.exec(text)?.[1])).toBeLessThan(160_000)
  })

  test('ends the command at 256 MiB', async () => {
    const result = await spawner.run(bash(`yes ${seconds}`))
    expect(result.problem).toBe('[stopped: more than 256 MiB of output]')
    expect(await processesWith(seconds)).toEqual([])
  })
})

describe('a helper that dies', () => {
  test('takes its commands with it, says so, and is replaced', async () => {
    const run = spawner.run(bash(`setsid sleep ${seconds} & sleep ${seconds}`))
    await until(async () => (await processesWith(seconds)).length >= 2)
    const before = spawner.pid
    process.kill(before!, 'SIGKILL')
    const result = await run
    expect(result.problem).toMatch(/ended unexpectedly \(SIGKILL\); the command may have run partly\]/)
    expect(await processesWith(seconds)).toEqual([])
    expect(await output('echo works')).toBe('works\n')
    expect(spawner.pid).not.toBe(before)
  })
})

describe('a helper that has adopted many', () => {
  test('is replaced before their remains fill the process table', async () => {
    const before = (await output('echo $PPID')).trim()
    for (let round = 0; round < 55; round++)
      await spawner.run(bash('for i in 1 2 3 4 5; do setsid -f true; done'))
    await until(async () => (await output('echo $PPID')).trim() !== before)
    await until(() => gone(before))
  })
})

describe('a server', () => {
  const program = (command: string, instance?: string) => `
    import { createSpawner } from ${JSON.stringify(new URL('./spawner.ts', import.meta.url).pathname)}
    const spawner = createSpawner(${JSON.stringify({ instance })})
    const result = await spawner.run({ argv: ['bash', '-c', ${JSON.stringify(command)}], cwd: '/', merge: true,
      env: { PATH: process.env.PATH }, timeoutMs: 600000, headBytes: 1000, tailBytes: 1000 })
    console.log(Buffer.from(result.out.head).toString())`

  test('that is killed leaves nothing behind, its helper neither', async () => {
    await folder.write(
      'server.mts',
      program(`echo $PPID > ${folder.path}/helper; ${stubborn()}; sleep ${seconds}`),
    )
    const server = spawn(process.execPath, ['--import', 'tsx', join(folder.path, 'server.mts')], {
      stdio: 'inherit',
    })
    await until(async () => (await processesWith(`sleep\0${seconds}`)).length >= 6)
    const helper = (await folder.read('helper')).trim()
    server.kill('SIGKILL')
    await until(async () => (await processesWith(seconds)).length === 0, 1500)
    await until(() => gone(helper), 1500)
  })

  test('that is killed together with its helper is cleaned up by the next one of the same instance, and by no other', async () => {
    await folder.write(
      'server.mts',
      program(`echo $PPID > ${folder.path}/helper; setsid sleep ${seconds} & sleep ${seconds}`, folder.path),
    )
    const server = spawn(process.execPath, ['--import', 'tsx', join(folder.path, 'server.mts')], {
      stdio: 'inherit',
    })
    await until(async () => (await processesWith(`sleep\0${seconds}`)).length >= 2)
    process.kill(Number(await folder.read('helper')), 'SIGSTOP') // so that it cannot notice the server's end
    server.kill('SIGKILL')
    process.kill(Number(await folder.read('helper')), 'SIGKILL')
    await until(() => server.signalCode !== null)
    for (const [instance, left] of [
      ['another', 2],
      [folder.path, 0],
    ] as const) {
      const next = createSpawner({ instance })
      expect(await next.sweepLeftovers()).toBe(true)
      expect(await processesWith(`sleep\0${seconds}`)).toHaveLength(left)
      await next.close()
    }
  })

  test('with nothing more to do ends by itself', async () => {
    await folder.write('server.mts', program('echo fine'))
    expect(await runNode(['--import', 'tsx', join(folder.path, 'server.mts')])).toBe('fine\n\n')
  })

  test('that is one bundled file finds the helper beside it', async () => {
    await folder.write('entry.ts', program('echo bundled'))
    const common = { bundle: true, platform: 'node', format: 'esm', logLevel: 'error' } as const
    await build({
      ...common,
      entryPoints: [join(folder.path, 'entry.ts')],
      outfile: join(folder.path, 'server.mjs'),
    })
    const helper = new URL('./spawner-process.mjs', import.meta.url).pathname
    await build({ ...common, entryPoints: [helper], outfile: join(folder.path, 'spawner-process.mjs') })
    expect(await runNode([join(folder.path, 'server.mjs')])).toBe('bundled\n\n')
  })
})

async function gone(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => ' Z ')
  return stat.includes(' Z ')
}

async function runNode(args: string[]): Promise<string> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', chunk => {
    text += chunk
  })
  await new Promise(resolve => child.once('close', resolve))
  return text
}

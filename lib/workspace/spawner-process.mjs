// The helper process that starts all commands. It is small, so that starting a process is quick whatever the size of the
// server, and it outlives the server just long enough to end what the server had running.
import { spawn, spawnSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readdirSync, rmSync, unlinkSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { createProcessTable, createTree, killTree } from './process-tree.mjs'
import { letBegin, sandboxed } from './sandboxed-command.mjs'

const SAMPLE_MS = 500
/** Of commands whose memory is limited: a program can take a lot in half a second. */
const LIMITED_SAMPLE_MS = 200
const EARLY_SAMPLES_MS = [15, 50, 120, 250]
const GRACE_MS = 400
/** The processes of a sandbox itself. */
const HOLDERS = 2
/** How long output is waited for that something in the background could still write. */
const PIPE_MS = 100
/** Ended orphans that nobody waits for stay in the process table until their adopter, this process, is replaced. */
const MAX_ZOMBIES = 200
const NO_MARKER = 'RETRAI_COMMAND_none\0'
const SLACK_BYTES = 64 * 1024
const MAX_PIECES = 500
const PROGRESS_MS = 50
const PROGRESS_BYTES = 64 * 1024

const table = createProcessTable(process.argv[2] === 'ps' ? 'ps' : undefined)
const pipes = createPipes()
/** @type {Map<number, ReturnType<typeof startCommand>>} */
const running = new Map()
let sampling = false
let lastSample = 0
/** What all commands of this server have in their environment, whatever their value of it. */
let ownMarker = NO_MARKER

process.on('message', message => {
  if (message.type === 'run') {
    ownMarker = message.marker.slice(0, message.marker.lastIndexOf('.') + 1)
    running.set(message.id, startCommand(message))
  } else if (message.type === 'stop') running.get(message.id)?.stop()
  else if (message.type === 'sweep') void sweep(message)
})
process.on('disconnect', () => void endWithServer())
// Whoever signals a whole group or service means the server; it tells us when it is done.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
if (!process.connected) process.exit()

/**
 * At once and all together: a second later nothing may be left, on a machine that may be busy with starting the next server.
 * Nobody is there any more who would read what a command says when it is asked to end.
 */
async function endWithServer() {
  const trees = [...running.values()].map(command => command.tree)
  const isOurs = found => found.ppid === process.pid || trees.some(tree => tree.has(found.pid))
  const everything = createTree({
    table,
    marker: ownMarker,
    roots: [],
    adopted: processes => [...processes.values()].filter(found => !found.dead && isOurs(found)),
  })
  await killTree(everything, { graceMs: 0, limitMs: 900 })
  pipes.close()
  process.exit()
}

/**
 * Where the system lets us (see adopting-command.ts), orphans become our children: a daemon that has thrown off its group,
 * its session and its environment can still be seen. Answers those that no command is known to own.
 */
function orphans(processes) {
  const owned = pid => [...running.values()].some(command => command.tree.has(pid))
  return [...processes.values()].filter(
    found => found.ppid === process.pid && !found.dead && !owned(found.pid),
  )
}

/** The orphans that can only be of this command: no other was running when they started. */
function orphansOf(id, processes) {
  return orphans(processes).filter(orphan => {
    const candidates = [...running].filter(([, { tree }]) => tree.since && table.started(orphan, tree.since))
    return candidates.length === 1 && candidates[0]?.[0] === id
  })
}

function askToBeReplaced(processes) {
  if (running.size > 0) return
  const zombies = [...processes.values()].filter(found => found.ppid === process.pid && found.dead).length
  if (zombies > MAX_ZOMBIES) send({ type: 'retire' })
}

/** After a helper before us was killed: its commands still run and belong to nobody. */
async function sweep({ id, marker, roots }) {
  await killTree(createTree({ table, marker, roots }), { graceMs: 0 })
  send({ type: 'swept', id })
}

function startCommand(message) {
  const began = performance.now()
  const outputs = { out: createKeeper(message), err: createKeeper(message) }
  const progress = message.stream ? createProgress(showTo(message.id)) : undefined
  let stopping
  let timedOut = false
  let overflow = false
  /** Why it was ended for what it took; null while it was not. */
  let exceeded = null
  let hasBegun = !message.sandbox
  let finished = false
  let survivors = 0
  let sources = []
  let timer

  const pipe = message.merge ? pipes.open() : undefined
  let child
  let box
  try {
    box = message.sandbox ? sandboxed(message.sandbox, message) : undefined
    const [file, ...args] = box ? [box.file, ...box.args] : message.argv
    child = spawn(file, args, {
      cwd: box ? box.cwd : message.cwd,
      env: box ? box.env : message.env,
      detached: true,
      stdio: [
        message.input ? 'pipe' : 'ignore',
        pipe?.write ?? 'pipe',
        pipe?.write ?? 'pipe',
        ...(box?.stdio ?? []),
      ],
      ...message.sandbox?.owner,
    })
    box?.closeFilter()
  } catch (error) {
    box?.closeFilter()
    pipe?.abandon()
    queueMicrotask(() => finish(null, null, error))
    return {
      stop() {},
      limit() {},
      isLimited: false,
      tree: createTree({ table, marker: message.marker, roots: [] }),
    }
  }
  pipe?.closeWrite()
  const tree = createTree({
    table,
    marker: message.marker,
    roots: child.pid ? [child.pid] : [],
    since: child.pid ? table.peek(child.pid) : undefined,
    adopted: processes => orphansOf(message.id, processes),
  })
  sources = pipe
    ? [[pipe.read, outputs.out]]
    : [
        [child.stdout, outputs.out],
        [child.stderr, outputs.err],
      ]
  const ended = Promise.all(sources.map(([source, keeper]) => drain(source, keeper)))
  if (message.input) {
    child.stdin.on('error', () => {}) // It need not read all of it.
    child.stdin.end(message.input)
  }

  if (box && child.pid) {
    letBegin(child.stdio[3], () => {
      hasBegun = true
    })
  }

  timer = setTimeout(
    () => {
      timedOut = true
      stop()
    },
    Math.min(message.timeoutMs, 2 ** 31 - 1),
  )
  child.once('error', error => finish(null, null, error))
  child.once('exit', (code, signal) => void leave(code, signal))
  if (child.pid) send({ type: 'started', id: message.id, pid: child.pid })
  if (child.pid) sampleWhileRunning(message.id)

  function drain(source, keeper) {
    source.on('data', chunk => {
      keeper.push(chunk)
      progress?.push(chunk)
      if (outputs.out.bytes() + outputs.err.bytes() > message.maxBytes && !overflow) {
        overflow = true
        stop()
      }
    })
    return new Promise(resolve => {
      source.once('close', resolve)
      source.on('error', resolve)
    })
  }

  function stop() {
    // Of a sandbox, what holds it is spared while the command may end by itself: everything would be gone with it.
    const spared = box?.endsWithAll ? child.pid : undefined
    stopping ??= killTree(tree, { graceMs: GRACE_MS, spared }).then(left => {
      survivors = left
      // A shell the kernel does not let go of must not keep the caller waiting.
      if (left > 0) finish(null, 'SIGKILL')
    })
    return stopping
  }

  /** The command's own process has ended; what it left behind is ended too. */
  async function leave(code, signal) {
    clearTimeout(timer)
    if (stopping) await stopping
    else {
      if (!box?.endsWithAll) await Promise.race([ended, sleep(PIPE_MS)])
      // With bubblewrap, the system has ended all of it by now.
      survivors = await killTree(tree, { graceMs: box?.endsWithAll ? 0 : GRACE_MS })
    }
    // With all writers dead the pipes end by themselves, unless somebody outside our reach holds one.
    await Promise.race([ended, sleep(1000)])
    if (!hasBegun && !stopping) {
      // Never plainly instead: whoever asked for a sandbox means it.
      const said = Buffer.concat([outputs.out.result().head, outputs.err.result().head]).toString().trim()
      const why = said || `it ended with ${code ?? signal}`
      finish(null, null, { code: 'SANDBOX', message: `the sandbox could not be set up: ${why}` })
      return
    }
    finish(code, signal)
  }

  /** Ends a command that takes more than it may. */
  function limit() {
    if (!message.sandbox || exceeded) return
    const { memoryBytes, processes } = message.sandbox.limits
    const took = { bytes: tree.bytes(), processes: tree.size() }
    // The system itself counts processes only where the user is not root.
    if (took.bytes > memoryBytes) exceeded = { what: 'memory', took: took.bytes, limit: memoryBytes }
    else if (took.processes > processes + HOLDERS)
      exceeded = { what: 'processes', took: took.processes, limit: processes }
    if (!exceeded) return
    stopping ??= killTree(tree, { graceMs: 0 }).then(left => {
      survivors = left
      if (left > 0) finish(null, 'SIGKILL')
    })
  }

  function finish(exitCode, signal, error) {
    if (finished) return
    finished = true
    clearTimeout(timer)
    for (const [source] of sources) source.destroy()
    progress?.flush(true)
    running.delete(message.id)
    send({
      type: 'done',
      id: message.id,
      exitCode,
      signal,
      timedOut,
      overflow,
      exceeded,
      survivors,
      out: outputs.out.result(),
      err: outputs.err.result(),
      durationMs: performance.now() - began,
      error: error ? { code: error.code, message: error.message } : undefined,
    })
    // Adopted orphans stay as zombies until this process is replaced.
    if (message.id % 10 === 0) void table.list().then(askToBeReplaced, () => {})
  }

  return { stop, tree, limit, isLimited: box !== undefined }
}

function showTo(id) {
  return (chunk, shown) => send({ type: 'output', id, chunk }, shown)
}

function sampleWhileRunning(id) {
  for (const ms of EARLY_SAMPLES_MS) {
    setTimeout(() => {
      const isRecent = performance.now() - lastSample < EARLY_SAMPLES_MS[0]
      if (running.has(id) && !isRecent) void sampleAll()
    }, ms).unref()
  }
  if (sampling) return
  sampling = true
  const again = async () => {
    const took = await sampleAll()
    // On a machine with very many processes, looking less often is better than looking all the time.
    const pause = [...running.values()].some(command => command.isLimited) ? LIMITED_SAMPLE_MS : SAMPLE_MS
    if (running.size > 0) setTimeout(again, Math.max(pause, took * 20))
    else sampling = false
  }
  setTimeout(again, SAMPLE_MS)
}

async function sampleAll() {
  if (running.size === 0) return 0
  const began = performance.now()
  lastSample = began
  try {
    const processes = await table.list()
    for (const command of running.values()) {
      command.tree.sample(processes)
      command.limit()
    }
  } catch {
    // `ps` failed this once; the next look will do.
  }
  return performance.now() - began
}

function send(message, done) {
  if (process.connected) process.send(message, undefined, undefined, () => done?.())
}

function sleep(ms) {
  return new Promise(resolve => setTimeout(resolve, ms))
}

/** Keeps the first and the last bytes of a stream, however long it is. */
function createKeeper({ headBytes, tailBytes }) {
  let head = []
  let headSize = 0
  let tail = []
  let tailSize = 0
  let bytes = 0

  function compact() {
    const all = Buffer.concat(tail)
    // A copy, so that the large buffer it was cut from can go.
    const kept = all.length > tailBytes ? Buffer.from(all.subarray(all.length - tailBytes)) : all
    tail = [kept]
    tailSize = kept.length
  }

  return {
    push(chunk) {
      bytes += chunk.length
      const room = headBytes - headSize
      if (room > 0) {
        const part = chunk.subarray(0, room)
        head.push(part)
        headSize += part.length
        if (head.length > MAX_PIECES) head = [Buffer.concat(head)]
      }
      if (chunk.length > room && tailBytes > 0) {
        const part = room > 0 ? chunk.subarray(room) : chunk
        tail.push(part)
        tailSize += part.length
        if (tailSize > tailBytes * 2 + SLACK_BYTES || tail.length > MAX_PIECES) compact()
      }
    },
    bytes: () => bytes,
    result() {
      compact()
      return { head: Buffer.concat(head), tail: tail[0], bytes }
    },
  }
}

/**
 * Live output for people: a few messages a second, and only the latest of it when there is too much.
 * @param {(chunk: string, shown: () => void) => void} show Calls `shown` when it can take more.
 */
function createProgress(show) {
  const decoder = new StringDecoder('utf8')
  let waiting = []
  let size = 0
  let dropped = 0
  let timer
  let inFlight = false

  function flush(last) {
    clearTimeout(timer)
    timer = undefined
    if (inFlight && !last) return
    const text = waiting.map(chunk => decoder.write(chunk)).join('') + (last ? decoder.end() : '')
    const note = dropped > 0 ? `\n[… ${dropped.toLocaleString('en-US')} bytes left out …]\n` : ''
    waiting = []
    size = 0
    dropped = 0
    if (!text && !note) return
    inFlight = true
    show(note + text, () => {
      inFlight = false
      if (waiting.length > 0 && !timer) timer = setTimeout(flush, PROGRESS_MS)
    })
  }

  return {
    push(chunk) {
      waiting.push(chunk)
      size += chunk.length
      while (size > PROGRESS_BYTES && waiting.length > 1) {
        const first = waiting.shift()
        size -= first.length
        dropped += first.length
      }
      timer ??= setTimeout(flush, PROGRESS_MS)
    },
    flush,
  }
}

/**
 * Real pipes for stdout and stderr together. Node's own are sockets, where `> /dev/stderr` fails, and one for each, where
 * the order between them is lost. Named pipes are made many at a time and unlinked when opened.
 */
function createPipes() {
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
    const made = spawnSync('mkfifo', ['-m', '600', ...fresh], {
      stdio: 'ignore',
      // Not the PATH of commands, which may lead into a project.
      env: { PATH: '/usr/bin:/bin:/usr/local/bin:/run/current-system/sw/bin' },
    })
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

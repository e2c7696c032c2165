// Knows which processes belong to a command, also those that left its group or were orphaned. Plain JavaScript: the
// helper process runs it without a loader.
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'

/** Of nearly every system; where it is larger, too little is counted. */
const PAGE_BYTES = 4096

/**
 * @typedef {{ pid: number, ppid: number, pgid: number, sid: number, start: string, dead: boolean, bytes: number }} Process
 * @typedef {object} ProcessTable
 * @property {() => Promise<Map<number, Process>>} list
 * @property {(pid: number) => Process | undefined} peek Of a process just started; undefined where that takes a program.
 * @property {(found: Process, since: Process) => boolean} started Whether it started at or after another.
 * @property {(pids: number[], marker: string) => Promise<Set<number>>} marked Which have the marker in their environment.
 */

/**
 * @param {'proc' | 'ps' | undefined} source
 * @returns {ProcessTable}
 */
export function createProcessTable(source) {
  return (source ?? (existsSync('/proc/self/stat') ? 'proc' : 'ps')) === 'proc' ? procTable() : psTable()
}

/** @returns {ProcessTable} */
function procTable() {
  /** @param {number} pid */
  function peek(pid) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
      // The program's name may hold spaces and brackets; what we want comes after the last one.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return {
        pid,
        ppid: Number(fields[1]),
        pgid: Number(fields[2]),
        sid: Number(fields[3]),
        start: fields[19] ?? '',
        dead: fields[0] === 'Z' || fields[0] === 'X',
        bytes: Number(fields[21]) * PAGE_BYTES,
      }
    } catch {
      return undefined // It has ended.
    }
  }
  return {
    peek,
    async list() {
      const found = new Map()
      for (const name of readdirSync('/proc')) {
        const pid = Number(name)
        const process = pid > 0 ? peek(pid) : undefined
        if (process) found.set(pid, process)
      }
      return found
    },
    started: (found, since) => Number(found.start) >= Number(since.start),
    async marked(pids, marker) {
      const found = new Set()
      for (const pid of pids) {
        try {
          if (`\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(`\0${marker}`)) found.add(pid)
        } catch {
          // Ended, or another user's: not ours.
        }
      }
      return found
    },
  }
}

/** For systems without /proc. The session is not asked for: macOS shows it as an address. */
/** @returns {ProcessTable} */
function psTable() {
  const run = promisify(execFile)
  const options = { maxBuffer: 64 << 20, timeout: 5000, env: { PATH: '/bin:/usr/bin', LC_ALL: 'C' } }
  const environment =
    process.platform === 'linux' ? ['axeww', '-o', 'pid=,args='] : ['-axEww', '-o', 'pid=,command=']
  return {
    peek: () => undefined,
    started: () => true,
    async list() {
      const { stdout } = await run('ps', ['-axo', 'pid=,ppid=,pgid=,stat=,rss=,lstart='], options)
      const found = new Map()
      for (const line of stdout.split('\n')) {
        const [pid, ppid, pgid, stat, kib, ...start] = line.trim().split(/\s+/)
        if (!pid || !stat) continue
        found.set(Number(pid), {
          pid: Number(pid),
          ppid: Number(ppid),
          pgid: Number(pgid),
          sid: -Number(pid),
          start: start.join(' '),
          dead: stat.startsWith('Z'),
          bytes: Number(kib) * 1024,
        })
      }
      return found
    },
    async marked(pids, marker) {
      const wanted = new Set(pids)
      const { stdout } = await run('ps', environment, options)
      const found = new Set()
      const text = ` ${marker.replace('\0', ' ')}`
      for (const line of stdout.split('\n')) {
        const pid = Number.parseInt(line, 10)
        if (wanted.has(pid) && `${line} `.includes(text)) found.add(pid)
      }
      return found
    },
  }
}

/**
 * The processes of one command (or, for a sweep, of all that carry a marker).
 * @param {object} options
 * @param {ProcessTable} options.table
 * @param {string} options.marker A variable and its value, in the environment of what belongs to it.
 * @param {number[]} options.roots
 * @param {Process} [options.since] Nothing of it started before this process.
 * @param {(processes: Map<number, Process>) => Process[]} [options.adopted] Orphans known to be its own.
 */
export function createTree({ table, marker, roots, since, adopted }) {
  /** @type {Map<number, string>} pid → start time: a pid alone may have been given to somebody else since. */
  const members = new Map()
  const sessions = new Set()
  const groups = new Set()
  const pendingRoots = new Set(roots)
  const notOurs = new Set([0, 1, process.pid, process.ppid])

  if (since) add(since)

  /** @param {Process} found */
  function add(found) {
    members.set(found.pid, found.start)
    sessions.add(found.sid)
    groups.add(found.pgid)
  }

  /** @param {Map<number, Process>} processes */
  function forgetTheGone(processes) {
    for (const [pid, start] of members) if (processes.get(pid)?.start !== start) members.delete(pid)
    const liveSessions = new Set()
    const liveGroups = new Set()
    for (const found of processes.values()) {
      liveSessions.add(found.sid)
      liveGroups.add(found.pgid)
    }
    // The number of an empty session or group can be given away again.
    for (const sid of sessions) if (!liveSessions.has(sid)) sessions.delete(sid)
    for (const pgid of groups) if (!liveGroups.has(pgid)) groups.delete(pgid)
  }

  /** @param {Map<number, Process>} processes */
  function follow(processes) {
    const own = processes.get(process.pid)
    sessions.delete(own?.sid)
    groups.delete(own?.pgid)
    for (let grown = true; grown; ) {
      grown = false
      for (const found of processes.values()) {
        if (members.has(found.pid) || notOurs.has(found.pid)) continue
        if (!members.has(found.ppid) && !sessions.has(found.sid) && !groups.has(found.pgid)) continue
        add(found)
        grown = true
      }
    }
  }

  let bytes = 0
  return {
    /** @param {number} pid */
    has: pid => members.has(pid),
    since,
    /** The memory of its processes when they were last looked at; what several share is counted for each. */
    bytes: () => bytes,
    size: () => members.size,
    /**
     * Remembers who belongs to the command now; cheap, to be called again and again while it runs, so that a daemon is
     * known before its parent is gone.
     * @param {Map<number, Process>} processes
     */
    sample(processes) {
      for (const pid of pendingRoots) {
        const root = processes.get(pid)
        if (root) add(root)
      }
      pendingRoots.clear()
      for (const orphan of adopted?.(processes) ?? []) add(orphan)
      follow(processes)
      forgetTheGone(processes)
      bytes = 0
      for (const pid of members.keys()) bytes += processes.get(pid)?.bytes ?? 0
    },
    /** Everything of the command that is alive now. */
    async alive() {
      const processes = await table.list()
      this.sample(processes)
      const strangers = [...processes.values()]
        .filter(
          found =>
            !members.has(found.pid) && !notOurs.has(found.pid) && (!since || table.started(found, since)),
        )
        .map(found => found.pid)
      for (const pid of await table.marked(strangers, marker)) {
        const found = processes.get(pid)
        if (found) add(found)
      }
      follow(processes)
      return [...members.keys()].map(pid => processes.get(pid)).filter(found => found && !found.dead)
    },
  }
}

/**
 * Ends everything in the tree: politely, then not. Bounded in time; answers how many are still there (0, unless the
 * kernel itself holds them).
 * @param {ReturnType<typeof createTree>} tree
 * @param {{ graceMs: number, limitMs?: number, spared?: number }} options `spared`: a group that is not asked politely.
 */
export async function killTree(tree, { graceMs, limitMs = 1400, spared }) {
  const began = performance.now()
  let alive = await tree.alive()
  if (alive.length > 0 && graceMs > 0) {
    const asked = alive.filter(found => found.pgid !== spared)
    if (asked.length > 0) signalAll(asked, 'SIGTERM')
    else graceMs = 0
    while (alive.length > 0 && performance.now() - began < graceMs) {
      await sleep(Math.min(25, graceMs / 4))
      alive = await tree.alive()
    }
  }
  while (alive.length > 0 && performance.now() - began < graceMs + limitMs) {
    signalAll(alive, 'SIGKILL')
    await sleep(5)
    alive = await tree.alive()
  }
  return alive.length
}

/**
 * @param {Process[]} alive
 * @param {NodeJS.Signals} signal
 */
function signalAll(alive, signal) {
  // A group is signalled as one, which wins against a program that forks faster than we can look. Only groups whose
  // leader is known to be ours: that number cannot have been given away.
  const pids = new Set(alive.map(found => found.pid))
  const groups = new Set(alive.map(found => found.pgid).filter(pgid => pids.has(pgid)))
  for (const target of [...[...groups].map(pgid => -pgid), ...pids]) {
    try {
      process.kill(target, signal)
    } catch {
      // Already gone.
    }
  }
}

/** @param {number} ms */
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))

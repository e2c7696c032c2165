// Twenty secrets, printed by tools in every form a program may give them: none may be found in anything that is kept, shown or
// sent. What is looked through is the raw bytes.
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { io } from 'socket.io-client'
import { LIVE_PATH } from '#lib/contract/live'
import { api } from '#lib/testing/api'
import { followWs } from '#lib/testing/follow-ws'
import { text, toolUse, turn } from '#lib/testing/messages-script'
import { startMessagesServer } from '#lib/testing/messages-server'
import { startServer } from '#lib/testing/server'
import { createRandom } from '../reliability/random.ts'
import type { Scenario } from '../reliability/scenario.ts'
import { filesBelow, unpacked } from './kept-bytes.ts'

const ENCODERS: Record<string, (value: string) => string> = {
  plain: value => value,
  base64: value => Buffer.from(`key=${value};`).toString('base64'),
  base64url: value => Buffer.from(`k=${value}`).toString('base64url'),
  hex: value => Buffer.from(value).toString('hex'),
  url: value => encodeURIComponent(value),
  json: value => JSON.stringify({ value }),
}

/** Prints what it is given in two pieces with a pause between, so that a secret lies across two chunks. */
const PRINT = `
const lines = require('node:fs').readFileSync(process.argv[2], 'utf8').split('\\n')
const sleep = ms => new Promise(done => setTimeout(done, ms))
;(async () => {
  for (const line of lines) {
    const half = Math.floor(line.length / 2)
    process.stdout.write('> ' + line.slice(0, half))
    if (process.argv[3] === 'slow') await sleep(120)
    process.stdout.write(line.slice(half) + '\\n')
  }
})()
`

export const secrets: Scenario = {
  name: 'secrets',
  promise: 'S12: no secret that a tool prints, in any encoding, is stored, logged, shown or sent to a model',
  async run({ seed, scale, log }) {
    const canaries = makeCanaries(seed)
    const all = [...Object.values(canaries.environment), ...canaries.envFile, ...canaries.patterns]
    const forms = all.flatMap(value => Object.values(ENCODERS).map(encode => encode(value)))
    const folder = await mkdtemp(path.join(tmpdir(), 'retrai-secrets-'))
    const project = path.join(folder, 'project')
    await mkdir(project)
    await writeFile(
      path.join(project, '.env'),
      canaries.envFile.map((value, at) => `VALUE_${at}_SECRET='${value}'`).join('\n'),
    )
    await writeFile(path.join(project, 'print.cjs'), PRINT)
    await writeFile(path.join(project, 'leak.txt'), forms.join('\n'))
    await writeFile(path.join(project, 'half.txt'), forms.slice(0, 24).join('\n'))
    const flood = [...'ab'].map(letter => `${letter.repeat(90)}\n`.repeat(9000))
    await writeFile(path.join(project, 'cut.txt'), flood.join(all.join(' ')))
    const printed = turn([
      toolUse('bash_exec', { command: 'node print.cjs leak.txt' }),
      toolUse('bash_exec', { command: 'node print.cjs half.txt slow' }),
    ])
    const reads = turn([
      toolUse('file_read', { path: 'leak.txt' }),
      toolUse('file_read', { path: '.env' }),
      toolUse('bash_exec', { command: 'cat .env; base64 .env; cat cut.txt' }),
      toolUse('grep_search', { pattern: 'canary|ghp_|AKIA' }),
      toolUse('bash_exec', {
        command: 'cp leak.txt copy.txt; env; cat /proc/$PPID/environ | tr "\\\\0" "\\\\n"',
      }),
      toolUse('bash_exec', { command: `echo ${all[0]} ${all.at(-1)}` }),
    ])
    const model = await startMessagesServer({
      script: [printed, reads, turn([toolUse('git_diff', {})]), turn([text(`I saw ${all.join(' and ')}.`)])],
      msPerEvent: scale === 'quick' ? 0 : 2,
    })
    const server = await startServer({
      env: {
        ANTHROPIC_BASE_URL: model.url,
        ANTHROPIC_API_KEY: 'key-of-the-model-server-1',
        ...canaries.environment,
      },
    })
    try {
      const client = api(server.url)
      const { run_id: runId } = await client.start({
        cwd: project,
        goal: `Find out what ${all[1]} is`,
        check_command: 'node print.cjs leak.txt; exit 1',
        max_iterations: 1,
      })
      const follower = followWs(server.url, runId, { deltas: true })
      const dashboard = followSocketIo(server.url, runId)
      const run = await client.until(runId, 'exhausted', 'failed', 'aborted')
      await follower.closed
      const shown = await dashboard.end()
      log(`the run ended: ${run.status}, ${follower.events.length} events`)
      const pages = await Promise.all(
        [
          `/runs/${runId}`,
          `/runs/${runId}/diff`,
          '/',
          `/api/runs/${runId}`,
          `/api/runs/${runId}/diff`,
          `/api/runs/${runId}/events?limit=500`,
          `/api/runs/${runId}/evidence`,
          '/api/runs',
        ].map(
          async address => [`page ${address}`, await (await fetch(server.url + address)).text()] as const,
        ),
      )
      const refused = await fetch(`${server.url}/api/runs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ goal: 'x', cwd: `/nowhere/${all[0]}` }),
      })
      const places = new Map<string, string>([
        ...pages,
        ['problem details', await refused.text()],
        ['WebSocket', JSON.stringify([follower.events, follower.ephemeral, follower.others])],
        ['socket.io', shown],
        ['model requests', JSON.stringify(model.requests.map(({ body }) => body))],
      ])
      await server.stop()
      places.set('log', server.stdout() + server.stderr())
      for (const file of filesBelow(server.dataDir)) {
        if (file.includes(`${path.sep}snapshots${path.sep}`)) continue // the project's own files, as they are
        const bytes = readFileSync(file)
        places.set(`data ${path.relative(server.dataDir, file)}`, bytes.toString('latin1') + unpacked(bytes))
      }
      const broken = [...places].flatMap(([place, content]) => {
        const found = all.flatMap(value =>
          Object.entries(ENCODERS).flatMap(([encoding, encode]) => {
            const form = core(encoding, encode(value))
            return content.includes(form) ? [`${value.slice(0, 12)}… (${encoding})`] : []
          }),
        )
        return found.length > 0 ? [`${place} has ${found.length} hits: ${found.slice(0, 3).join(', ')}`] : []
      })
      const marks = (places.get('WebSocket')!.match(/\[redacted:/g) ?? []).length
      if (marks < all.length * 5)
        broken.push(`only ${marks} secrets were taken out: the tools printed less than they should`)
      return {
        figures: {
          canaries: all.length,
          encodings: Object.keys(ENCODERS).length,
          'places looked through': places.size,
          'bytes looked through': [...places.values()].reduce((sum, { length }) => sum + length, 0),
          'marks on the WebSocket': marks,
          'places with hits': broken.length,
        },
        broken,
      }
    } finally {
      await server.close()
      await model.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

/** Everything that a dashboard is told, as one text. */
function followSocketIo(url: string, runId: string) {
  const socket = io(url, { path: LIVE_PATH, transports: ['websocket'], forceNew: true })
  const told: unknown[] = []
  const ended = new Promise<void>(resolve => {
    socket.onAny((...message) => {
      told.push(message)
      if (JSON.stringify(message).includes('"run_end"')) resolve()
    })
  })
  socket.on('connect', () => {
    socket.emit('watch_runs')
    socket.emit('watch_run', { run_id: runId, after: 0 })
  })
  return {
    async end() {
      await ended
      socket.disconnect()
      return JSON.stringify(told)
    },
  }
}

/** What of an encoded form stands for the secret alone. */
function core(encoding: string, form: string): string {
  if (encoding === 'json') return form.slice('{"value":"'.length, -2)
  return encoding.startsWith('base64') ? form.slice(8, -4) : form
}

function makeCanaries(seed: number) {
  const random = createRandom(seed)
  const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
  const some = (length: number) => Array.from({ length }, () => random.pick([...letters])).join('')
  const environment = Object.fromEntries(
    ['SOME_API_KEY', 'GITHUB_TOKEN', 'APP_SECRET', 'DB_PASSWORD', 'PASSWD_OF_MAIL', 'CLOUD_CREDENTIALS'].map(
      (name, at) => [name, `canary-${at}/${some(14)}+&"é`.slice(0, at % 2 === 0 ? 24 : undefined)],
    ),
  )
  return {
    environment,
    envFile: Array.from({ length: 6 }, (_, at) => `canary-env-${at}-${some(12)}`),
    patterns: [
      `sk-ant-api03-${some(40)}7`,
      `ghp_${some(35)}7`,
      `github_pat_${some(40)}7`,
      `AKIA${some(15).toUpperCase()}7`,
      `xoxb-123456-${some(24)}`,
      `glpat-${some(19)}7`,
      `npm_${some(35)}7`,
      `eyJ${some(20)}.eyJ${some(30)}.${some(40)}`,
    ],
  }
}

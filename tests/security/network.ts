// A list of allowed hosts in the real sandbox, against names and addresses that lead inside: nothing that is not public is
// connected to, and what listens on the loopback hears nothing. What is on the list is reached.
import { once } from 'node:events'
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createDial } from '#lib/workspace/network/dial'
import { publicAddresses } from '#lib/workspace/network/public-address'
import { openSandbox } from '#lib/workspace/sandbox/open-sandbox'
import { createSpawner } from '#lib/workspace/spawner'
import { createWorkspaces } from '#lib/workspace/workspaces'
import type { Scenario } from '../reliability/scenario.ts'

const PUBLIC = '93.184.216.34'
const LISTED = ['good.example', '*.wild.example', 'ports.example:8443']

/** By what name servers answer for it; a list of answers changes from one question to the next. */
const NAMES: Record<string, string[][]> = {
  'good.example': [[PUBLIC]],
  'ports.example': [[PUBLIC]],
  'a.wild.example': [[PUBLIC]],
  'loopback.wild.example': [['127.0.0.1']],
  'loopback2.wild.example': [['127.8.8.8']],
  'zero.wild.example': [['0.0.0.0']],
  'ten.wild.example': [['10.1.2.3']],
  'private.wild.example': [['192.168.0.1']],
  'private2.wild.example': [['172.20.0.1']],
  'metadata.wild.example': [['169.254.169.254']],
  'carrier.wild.example': [['100.64.1.1']],
  'multicast.wild.example': [['239.255.255.250']],
  'broadcast.wild.example': [['255.255.255.255']],
  'six.wild.example': [['::1']],
  'mapped.wild.example': [['::ffff:127.0.0.1']],
  'compatible.wild.example': [['::127.0.0.1']],
  'ula.wild.example': [['fd00:ec2::254']],
  'linklocal.wild.example': [['fe80::1']],
  'nat64.wild.example': [['64:ff9b::7f00:1']],
  'sixtofour.wild.example': [['2002:7f00:1::']],
  'teredo.wild.example': [['2001::7f00:1']],
  'both.wild.example': [[PUBLIC, '127.0.0.1']],
  'both2.wild.example': [['::1', PUBLIC]],
  'rebind.wild.example': [[PUBLIC], ['127.0.0.1'], ['10.0.0.1'], ['127.0.0.1']],
}

/** Asked for as they are; `$PORT` is where something listens on the loopback. */
const SPELLINGS = [
  ...[
    '127.0.0.1:$PORT',
    'localhost:$PORT',
    '[::1]:$PORT',
    '0.0.0.0:$PORT',
    '127.1:$PORT',
    '2130706433:$PORT',
  ],
  ...[
    '0x7f000001:$PORT',
    '0177.0.0.1:$PORT',
    '127.0.0.1.:$PORT',
    'localhost.:$PORT',
    '[::ffff:127.0.0.1]:$PORT',
  ],
  ...['[::ffff:7f00:1]:$PORT', '169.254.169.254:80', '10.0.0.1:80', 'good.example.:443', 'good.example:22'],
  ...[
    'good.example:443@127.0.0.1:$PORT',
    'evil.example:443',
    'wild.example:443',
    'xgood.example:443',
    'ports.example:443',
  ],
  ...['LOCALHOST:$PORT', '127.0.0.1:0$PORT', 'good.example#@127.0.0.1:$PORT', 'ip6-localhost:$PORT'],
]

/** Asks the proxy for each, as a tunnel and as a plain request, and goes past it as well. */
const CLIENT = `
const net = require('node:net')
const proxy = new URL(process.env.HTTPS_PROXY)
const [targets, port] = [JSON.parse(process.argv[1]), process.argv[2]]
const send = text => new Promise(resolve => {
  const socket = net.connect(proxy.port, proxy.hostname, () => socket.write(text))
  let said = ''
  socket.on('data', data => { said += data }).on('error', () => resolve(said)).on('close', () => resolve(said))
})
const past = host => new Promise(resolve => {
  const socket = net.connect(port, host, () => socket.write('x'))
  socket.on('error', resolve).on('close', resolve)
})
;(async () => {
  for (const target of targets) {
    const [tunnel] = (await send('CONNECT ' + target + ' HTTP/1.1\\r\\nhost: ' + target + '\\r\\n\\r\\nGET / HTTP/1.1\\r\\nhost: x\\r\\nconnection: close\\r\\n\\r\\n')).split('\\r\\n')
    const [plain] = (await send('GET http://' + target.replace(/:443$/, ':80') + '/ HTTP/1.1\\r\\nhost: x\\r\\nconnection: close\\r\\n\\r\\n')).split('\\r\\n')
    console.log(JSON.stringify([target, tunnel, plain]))
  }
  for (const host of ['127.0.0.1', '::1', '0.0.0.0', '${PUBLIC}']) await past(host)
})()
`

export const network: Scenario = {
  name: 'network',
  promise: 'a list of allowed hosts opens public addresses alone, whatever names and redirects say',
  async run({ log }) {
    const base = await realpath(await mkdtemp(path.join(tmpdir(), 'retrai-network-')))
    const [project, dataDir] = [path.join(base, 'project'), path.join(base, 'data')]
    await mkdir(project)
    await mkdir(dataDir)
    const heard = { loopback: 0 }
    const listener = createServer(socket => {
      heard.loopback += 1
      socket.end()
    })
    // Stands for the machines of the internet.
    const internet = createHttpServer((_, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${portOf(listener)}/` }).end('hello'),
    )
    for (const server of [listener, internet]) await once(server.listen(0, '127.0.0.1'), 'listening')
    const port = portOf(listener)
    const dialled: string[] = []
    const questions = new Map<string, number>()
    const dial = createDial({
      async resolve(host) {
        const asked = questions.get(host) ?? 0
        questions.set(host, asked + 1)
        const answers = NAMES[host]
        if (!answers) throw new Error('ENOTFOUND')
        return answers[Math.min(asked, answers.length - 1)]!
      },
      connect(address) {
        dialled.push(address)
        return connect(portOf(internet), '127.0.0.1')
      },
    })
    const refusals: unknown[] = []
    const spawner = createSpawner()
    const { sandbox, why } = await openSandbox({ asked: 'auto', spawner, dataDir, readable: [] })
    const workspaces = createWorkspaces({
      dataDir,
      spawner,
      sandbox,
      dial,
      log: (...line) => refusals.push(line),
    })
    try {
      if (!sandbox) throw new Error(`there is no sandbox here: ${why}`)
      const workspace = await workspaces.open(project, { network: LISTED })
      const targets = [
        ...Object.keys(NAMES).flatMap(name =>
          name === 'ports.example' ? [`${name}:8443`] : [`${name}:443`],
        ),
        'rebind.wild.example:443',
        ...SPELLINGS.map(target => target.replaceAll('$PORT', String(port))),
      ]
      const { output, exitCode } = await workspace.run({
        command: 'node -e "$CLIENT" "$TARGETS" "$TO"',
        env: { CLIENT, TARGETS: JSON.stringify(targets), TO: String(port) },
        timeoutMs: 60_000,
      })
      const answers = output
        .split('\n')
        .filter(line => line.startsWith('['))
        .map(line => JSON.parse(line) as [string, string, string]) // printed by the client above
      const broken: string[] = []
      if (answers.length !== targets.length)
        broken.push(
          `only ${answers.length} of ${targets.length} were asked for (exit code ${exitCode}): ${output.slice(-500)}`,
        )
      const isPublic = publicAddresses()
      const inside = dialled.filter(address => !isPublic(address))
      if (inside.length > 0) broken.push(`connected to ${inside.join(', ')}`)
      if (heard.loopback > 0) broken.push(`what listens on the loopback was reached ${heard.loopback} times`)
      const reached = answers.filter(([, tunnel]) => tunnel.includes(' 200 ')).map(([target]) => target)
      const expected = [
        'good.example:443',
        'ports.example:8443',
        'a.wild.example:443',
        'rebind.wild.example:443',
      ]
      if (reached.toSorted().join() !== expected.toSorted().join())
        broken.push(`reached were ${reached.join(', ')}`)
      const silent = answers.filter(
        ([target, tunnel]) => !expected.includes(target) && !/ 40[03] /.test(tunnel),
      )
      if (silent.length > 0)
        broken.push(`not refused in words: ${silent.map(([target, said]) => `${target} ${said}`).join(', ')}`)
      if (refusals.length === 0) broken.push('nothing that was refused is in the log')
      // The way past the proxy: as closed as without a list; and open where the sandbox is not, or the test could not fail.
      const plain = await workspaces.open(project, { plain: true })
      await plain.run({ command: `exec 3<>/dev/tcp/127.0.0.1/${port}`, timeoutMs: 10_000 })
      if (heard.loopback === 0)
        broken.push('not even a plain command reached the loopback: the test tests nothing')
      log(`${targets.length} targets, ${dialled.length} connections`)
      return {
        figures: {
          'names and addresses': targets.length,
          'connections to public addresses': dialled.length - inside.length,
          'connections to others': inside.length,
          'refused, and logged': refusals.length,
        },
        broken,
      }
    } finally {
      await workspaces.close()
      listener.close()
      internet.closeAllConnections()
      internet.close()
      await rm(base, { recursive: true, force: true })
    }
  },
}

const portOf = (server: Server) => (server.address() as AddressInfo).port // It listens on a port.

// S5: somebody on the same network. Without a token nothing listens for them; in the usual settings nothing listens at all.
import { connect, createServer } from 'node:net'
import { startRefused, startServer } from '#lib/testing/server'
import type { Scenario } from '../reliability/scenario.ts'
import { openOtherNetwork } from './other-network.ts'

const TOKEN = 'a-token-for-the-whole-network'
const OPEN_TO_OTHERS = ['0.0.0.0', '::', '10.213.77.1', '192.168.1.5', 'example.com', '127.0.0.1.nip.io']

export const bind: Scenario = {
  name: 'bind',
  promise:
    'S5: without a token the server listens for nobody but this machine, and does not start where it was told to',
  async run({ scale }) {
    const broken: string[] = []
    const addresses = scale === 'full' ? OPEN_TO_OTHERS : OPEN_TO_OTHERS.slice(0, 1)
    const port = await freePort()
    let refused = 0
    for (const address of addresses) {
      const { code, stderr } = await startRefused({ HOST: address, PORT: String(port) })
      const listens = await isListening(port)
      if (code === 2 && stderr.includes('RETRAI_TOKEN') && !listens) refused++
      else
        broken.push(
          `HOST=${address}: it ended with ${code}, and port ${port} ${listens ? 'listens' : 'does not listen'}`,
        )
    }
    const network = await openOtherNetwork()
    const seen: Record<string, string> = {}
    if (typeof network === 'string') seen['from another network'] = `not tried: ${network}`
    else {
      try {
        const usual = await startServer({})
        const usualPort = new URL(usual.url).port
        seen['from another network, usual settings'] = await network.ask(
          `http://${network.address}:${usualPort}/healthz`,
        )
        await usual.close()
        if (seen['from another network, usual settings'] !== 'ECONNREFUSED')
          broken.push(`another machine is answered: ${seen['from another network, usual settings']}`)
        const open = await startServer({
          env: { HOST: '0.0.0.0', RETRAI_TOKEN: TOKEN, RETRAI_ALLOWED_HOSTS: '' },
        })
        const { port: openPort } = new URL(open.url)
        const address = `http://${network.address}:${openPort}/api/runs`
        // Under a name it does not know, and the cable works: else the refusal above would say nothing.
        seen['from another network, with a token'] = await network.ask(address)
        await open.close()
        if (seen['from another network, with a token'] !== '421')
          broken.push(
            `another machine is answered ${seen['from another network, with a token']} instead of 421`,
          )
        // The quick size has one server less to start.
        if (scale === 'quick')
          return { figures: { 'did not start': `${refused} of ${addresses.length}`, ...seen }, broken }
        const named = await startServer({
          env: {
            HOST: '0.0.0.0',
            PORT: String(port),
            RETRAI_TOKEN: TOKEN,
            RETRAI_ALLOWED_HOSTS: `${network.address}:${port}`,
          },
        })
        seen['… and a name of its own'] = await network.ask(`http://${network.address}:${port}/api/runs`)
        await named.close()
        if (seen['… and a name of its own'] !== '401')
          broken.push(`another machine without the token is answered ${seen['… and a name of its own']}`)
      } finally {
        await network.close()
      }
    }
    return { figures: { 'did not start': `${refused} of ${addresses.length}`, ...seen }, broken }
  },
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number } // it listens on a port
  await new Promise(resolve => server.close(resolve))
  return port
}

const isListening = (port: number) =>
  new Promise<boolean>(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

// What runs in a sandbox with a list of allowed hosts besides its command: programs want their proxy at an address, and the only
// thing that leads out is a socket in the file system.

/** In the sandbox, where a network of its own makes it free. */
const PORT = 43_128
/** Where the sandbox shows the folder with the proxy's socket. */
export const PROXY_FOLDER = '/run/retrai'
export const PROXY_SOCKET = 'proxy'

/** As text, because the sandbox shows no file of ours. Whoever starts it waits for what it prints. */
const SCRIPT = `
const { connect, createServer } = require('node:net')
const [socket, port] = process.argv.slice(1)
process.on('uncaughtException', () => {})
createServer({ allowHalfOpen: true }, near => {
  const far = connect({ path: socket, allowHalfOpen: true })
  near.pipe(far)
  far.pipe(near)
  near.on('error', () => far.destroy())
  far.on('error', () => near.destroy())
  near.on('close', () => far.destroy())
  far.on('close', () => near.destroy())
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('r\\n'))
`

/** Of Node, which is in every sandbox: it is what the server runs on. */
export const bridgeCommand = (): string[] => [
  ...[process.execPath, '--max-old-space-size=64', '--v8-pool-size=1', '-e', SCRIPT],
  ...[`${PROXY_FOLDER}/${PROXY_SOCKET}`, String(PORT)],
]

/** How programs find the proxy: by the usual variables, and by those of programs that have their own. */
export function proxyEnv(): Record<string, string> {
  const url = `http://127.0.0.1:${PORT}`
  const none = 'localhost,127.0.0.1,::1'
  const java = ['http', 'https']
    .map(kind => `-D${kind}.proxyHost=127.0.0.1 -D${kind}.proxyPort=${PORT}`)
    .join(' ')
  return {
    ...{ HTTP_PROXY: url, HTTPS_PROXY: url, ALL_PROXY: url, NO_PROXY: none },
    ...{ http_proxy: url, https_proxy: url, all_proxy: url, no_proxy: none },
    ...{ npm_config_proxy: url, npm_config_https_proxy: url, npm_config_noproxy: none },
    ...{ YARN_HTTP_PROXY: url, YARN_HTTPS_PROXY: url, PIP_PROXY: url, CARGO_HTTP_PROXY: url },
    ...{ MAVEN_OPTS: java, GRADLE_OPTS: java },
    // fetch of Node, from the versions on that know it.
    NODE_USE_ENV_PROXY: '1',
  }
}

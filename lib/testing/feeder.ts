// Feeds a run of a real server with as many events as a test wants, as fast as it wants: through the server's own journal, by a program
// that is preloaded into its process. For runs that nobody is at work on, see long-run.ts.
import { rm } from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { temporaryDirectory } from './server.ts'

export interface Feeder {
  /** Of the server that is to be fed. */
  env: Record<string, string>
  /** What programs/feeder.mjs answers. */
  feed<T>(asked: Record<string, unknown>): Promise<T>
  close(): Promise<void>
}

export async function openFeeder(): Promise<Feeder> {
  const folder = await temporaryDirectory('retrai-feeder-')
  const socketPath = path.join(folder, 'socket')
  return {
    env: {
      NODE_OPTIONS: `--import ${new URL('programs/feeder.mjs', import.meta.url).href}`,
      RETRAI_FEEDER_SOCKET: socketPath,
    },
    async feed<T>(asked: Record<string, unknown>) {
      const socket = connect(socketPath)
      socket.write(`${JSON.stringify(asked)}\n`)
      const answer = JSON.parse(await text(socket)) as { error?: string }
      if (answer.error) throw new Error(`the feeder failed: ${answer.error}`)
      return answer as T // what the program answers to this
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

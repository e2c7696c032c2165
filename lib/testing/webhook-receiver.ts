// A receiver of webhooks on loopback, which remembers what came and answers as it is told.
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import { WebhookMessage } from '#lib/contract/webhook'

export interface ReceivedMessage {
  headers: IncomingHttpHeaders
  /** As it came: this is what was signed. */
  text: string
  message: WebhookMessage
}

export interface WebhookReceiver {
  url: string
  received: ReceivedMessage[]
  /** A status; headers besides; or nothing at all, for ever. */
  answer: (message: WebhookMessage) => number | { status: number; headers: Record<string, string> } | 'hang'
  ofType<T extends WebhookMessage['type']>(type: T): Extract<WebhookMessage, { type: T }>[]
  close(): Promise<void>
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    request.on('end', () => {
      const message = WebhookMessage.parse(JSON.parse(text))
      receiver.received.push({ headers: request.headers, text, message })
      reply(response, receiver.answer(message))
    })
  })
  await listen(server)
  const { port } = server.address() as { port: number } // it listens on TCP
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${port}/hooks/of-the-team`,
    received: [],
    answer: () => 204,
    ofType: type =>
      receiver.received.flatMap(({ message }) => (message.type === type ? [message as never] : [])), // the test is of its type
    close() {
      server.closeAllConnections()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
  return receiver
}

const listen = (server: Server) => new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))

function reply(response: ServerResponse, answer: ReturnType<WebhookReceiver['answer']>) {
  if (answer === 'hang') return
  const { status, headers } = typeof answer === 'number' ? { status: answer, headers: {} } : answer
  response.writeHead(status, headers).end()
}

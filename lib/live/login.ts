// Token mode in a browser: the terminal prints an address with a single-use code behind the `#`, which is never sent to a
// server; this page exchanges it for a session cookie.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pathOf } from './guard.ts'
import type { Sessions } from './sessions.ts'

const MAX_BODY = 1000

const pageWith = (nonce: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in — retrAI</title>
<style nonce="${nonce}">
:root { color-scheme: light dark; font: 14px/1.6 ui-sans-serif, system-ui, sans-serif }
body { display: grid; min-height: 90vh; place-content: center; margin: 0 1.5rem }
main { max-width: 34rem }
code { font-family: ui-monospace, monospace }
</style>
<main>
<h1>retrAI</h1>
<p id="state" role="status">Open the address that <code>retrai serve</code> printed in its terminal. Its code works once, for ten minutes.</p>
</main>
<script type="module" src="/login.js"></script>
</html>
`

const SCRIPT = `const code = new URLSearchParams(location.hash.slice(1)).get('code')
if (code) {
  history.replaceState(null, '', '/login')
  const state = document.getElementById('state')
  state.textContent = 'Logging in…'
  const response = await fetch('/api/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  })
  if (response.ok) location.replace('/')
  else state.textContent = 'This code was used or is too old. Restart retrai serve, or run it again, for a new one.'
}
`

/** A browser asking for a page, which is better sent to the login than shown an error. */
export const needsLogin = (request: IncomingMessage) =>
  request.method === 'GET' &&
  !pathOf(request).startsWith('/api/') &&
  (request.headers.accept ?? '').includes('text/html')

export async function answerLogin(
  request: IncomingMessage,
  response: ServerResponse,
  { sessions, nonce }: { sessions: Sessions; nonce: string },
): Promise<void> {
  const path = pathOf(request)
  if (path === '/login') {
    response
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
      .end(pageWith(nonce))
  } else if (path === '/login.js') {
    response.writeHead(200, { 'content-type': 'text/javascript', 'cache-control': 'no-store' }).end(SCRIPT)
  } else if (request.method === 'POST') {
    const cookie = sessions.exchange(await readCode(request))
    if (cookie) response.writeHead(204, { 'set-cookie': cookie }).end()
    else response.writeHead(401).end()
  } else {
    response.writeHead(405, { allow: 'POST' }).end()
  }
}

async function readCode(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) {
    text += chunk
    if (text.length > MAX_BODY) return ''
  }
  try {
    return String((JSON.parse(text) as { code?: unknown }).code ?? '')
  } catch {
    return ''
  }
}

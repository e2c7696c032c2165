import { headers } from 'next/headers'

/** As the reader's browser reached this server, for snippets that work verbatim. */
export async function originOfRequest(): Promise<string> {
  const sent = await headers()
  return `${sent.get('x-forwarded-proto') ?? 'http'}://${sent.get('host') ?? 'localhost:8000'}`
}

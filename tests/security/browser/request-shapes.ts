// Every way in which a page can make a browser send something, run inside the page.

export const SHAPES = [
  'form, urlencoded',
  'form, multipart',
  'form, text/plain that reads as JSON',
  'fetch no-cors, text/plain',
  'fetch no-cors, no type',
  'fetch, JSON',
  'fetch, JSON with credentials',
  'sendBeacon, text',
  'sendBeacon, JSON',
  'XMLHttpRequest, text/plain',
  'image',
  'fetch, PATCH',
] as const
export type Shape = (typeof SHAPES)[number]

/** What a shape asks for. */
export const isRead = (shape: Shape) => shape === 'image'
/** Which of them say that they are JSON: from a page of our own they are as good as any script's. */
export const isJson = (shape: Shape) => /JSON(?! )|JSON with|PATCH/.test(shape) && !shape.startsWith('form')

/**
 * Runs in the page, so it can use nothing from outside. Sends, and resolves with what the page could read of the answer; null
 * when it could read nothing.
 */
export async function sendShape({
  shape,
  url,
  body,
}: {
  shape: string
  url: string
  body: string
}): Promise<string | null> {
  const form = (type: string, name: string, value: string) => {
    const target = document.createElement('iframe')
    target.name = `t${Math.random()}`
    const element = document.createElement('form')
    Object.assign(element, { action: url, method: 'POST', enctype: type, target: target.name })
    const input = document.createElement('input')
    Object.assign(input, { type: 'hidden', name, value })
    element.append(input)
    document.body.append(target, element)
    element.submit()
    return null
  }
  const read = async (options: RequestInit) => {
    try {
      const answer = await fetch(url, options)
      return answer.type === 'opaque' ? null : `${answer.status} ${await answer.text()}`
    } catch {
      return null // refused before or after it was sent
    }
  }
  const json = { 'content-type': 'application/json' }
  switch (shape) {
    case 'form, urlencoded':
      return form('application/x-www-form-urlencoded', 'goal', 'forged')
    case 'form, multipart':
      return form('multipart/form-data', 'goal', 'forged')
    case 'form, text/plain that reads as JSON':
      return form('text/plain', `${body.slice(0, -1)},"x":"`, '"}')
    case 'fetch no-cors, text/plain':
      return read({ method: 'POST', mode: 'no-cors', body, headers: { 'content-type': 'text/plain' } })
    case 'fetch no-cors, no type':
      return read({ method: 'POST', mode: 'no-cors', body: new Uint8Array(new TextEncoder().encode(body)) })
    case 'fetch, JSON':
      return read({ method: 'POST', body, headers: json })
    case 'fetch, JSON with credentials':
      return read({ method: 'POST', body, headers: json, credentials: 'include' })
    case 'sendBeacon, text':
      navigator.sendBeacon(url, body)
      return null
    case 'sendBeacon, JSON':
      navigator.sendBeacon(url, new Blob([body], { type: 'application/json' }))
      return null
    case 'XMLHttpRequest, text/plain':
      return new Promise(resolve => {
        const request = new XMLHttpRequest()
        request.open('POST', url)
        request.setRequestHeader('content-type', 'text/plain')
        request.onloadend = () => resolve(request.status === 0 ? null : String(request.status))
        request.send(body)
      })
    case 'image': {
      const image = new Image()
      image.src = url
      return null
    }
    case 'fetch, PATCH':
      return read({ method: 'PATCH', body: '{}', headers: json })
    default:
      throw new Error(`there is no shape ${shape}`)
  }
}

import { getWebhook } from '#lib/contract/webhook'
import { handler } from '../route.ts'

const NONE = { configured: false, url: null, signed: false, pending: 0, last: null }

export const handleGetWebhook = handler(getWebhook, ({ runtime }) => runtime.webhook?.status() ?? NONE)

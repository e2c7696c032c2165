import { testWebhook } from '#lib/contract/webhook'
import { AppError } from '#lib/errors'
import { handler } from '../route.ts'

export const handleTestWebhook = handler(testWebhook, ({ runtime }) => {
  if (!runtime.webhook)
    throw new AppError('conflict', 'There is no webhook: start the server with RETRAI_WEBHOOK_URL')
  return runtime.webhook.test()
})

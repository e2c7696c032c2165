import { getServer } from '#lib/contract/server'
import { handler } from '../route.ts'

export const handleGetServer = handler(getServer, ({ runtime }) => runtime.info())

import { getOpenapi } from '#lib/contract/server'
import { openapiDocument } from '../openapi.ts'
import { handler } from '../route.ts'

export const handleGetOpenapi = handler(getOpenapi, ({ runtime }) => openapiDocument(runtime.version))

import { listFolders } from '#lib/contract/folders'
import { handler } from '../route.ts'

export const handleListFolders = handler(listFolders, ({ query, runtime }) => runtime.listFolders(query.path))

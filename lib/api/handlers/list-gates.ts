import { listGates } from '#lib/contract/gates'
import { handler } from '../route.ts'

export const handleListGates = handler(listGates, ({ query, runtime }) => runtime.runs.gates(query))

import { countRuns } from '#lib/contract/runs'
import { handler } from '../route.ts'

export const handleCountRuns = handler(countRuns, ({ query, runtime }) => runtime.runs.count(query))

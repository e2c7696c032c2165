// Writes public/retrai.schema.json. A test says when it is out of date. Usage: npx tsx scripts/project-schema.ts
import { writeFileSync } from 'node:fs'
import { projectSchema } from '#lib/goals/project-schema'

writeFileSync('public/retrai.schema.json', `${JSON.stringify(projectSchema(), null, 2)}\n`)

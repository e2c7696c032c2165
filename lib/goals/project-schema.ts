// The JSON schema of .retrai.yml, for editors: published as /retrai.schema.json.
import { z } from 'zod'
import { ProjectConfig } from './project-config.ts'

export function projectSchema(): unknown {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Settings of a project for retrAI (.retrai.yml)',
    description: 'What a run takes that says nothing else. A request goes before it.',
    ...z.toJSONSchema(ProjectConfig, { io: 'input', unrepresentable: 'any' }),
  }
}

// Which commands of the agent are run, which wait for a person, and which are refused: what a request and a project may say.
import { z } from 'zod'

const patterns = z
  .array(z.string().trim().min(1).max(200))
  .max(100)
  .optional()
  .meta({
    description:
      'Program, its first arguments and its options, such as `git push`, `docker run --privileged`, `terraform *`. ' +
      'Found also behind ;, &&, |, $(…), env, timeout, xargs and bash -c',
  })

const onAsk = z.enum(['wait', 'deny']).optional().meta({
  description: 'What is done with a command that asks: wait for a person (default), or refuse it at once',
})

/** `ask` and `deny` make it stricter than the built-in rules, `allow` lifts what these ask. */
export const CommandPolicy = z
  .strictObject({ allow: patterns, ask: patterns, deny: patterns, on_ask: onAsk })
  .meta({ id: 'CommandPolicy', description: 'A seat belt for the agent, not a boundary: the sandbox is one' })
export type CommandPolicy = z.infer<typeof CommandPolicy>

/** A project may only make it stricter. */
export const StricterPolicy = z.strictObject({
  ask: patterns,
  deny: patterns,
  on_ask: z.literal('deny', 'a project can only say deny here').optional(),
})
export type StricterPolicy = z.infer<typeof StricterPolicy>

// What most integration tests need: the real server, a model to script, and projects that go away.
//
//   const stage = await openStage()
//   const cwd = await stage.project(SHELL_PROJECT, repairShell)
//   const run = await stage.client.finish({ ...SHELL_GOAL, cwd })
//   await stage.close()
import { type Api, api } from './api.ts'
import { makeProject, type Project } from './make-project.ts'
import { type Answer, text, turn } from './messages-script.ts'
import { type MessagesRequest, type MessagesServer, startMessagesServer } from './messages-server.ts'
import { type StartServerOptions, startServer, type TestServer } from './server.ts'

/** Answers by turn; a list in the place of an answer is gone through by attempt. */
export type Script = (Answer | Answer[])[] | ((request: MessagesRequest) => Answer | Promise<Answer>)

export interface Stage {
  /** Answers what is asked apart from a conversation with an agent: by a judge, or to write a check. */
  aside: (request: MessagesRequest) => Answer | Promise<Answer>
  model: MessagesServer
  /** Changes with `restart`. */
  server: TestServer
  client: Api
  /** A project, and what the model says in runs on it. Its folder. */
  project(files: Record<string, string>, script?: Script): Promise<string>
  /** Requests to the model about this project. */
  requests(cwd: string): MessagesRequest[]
  /** Ends the server as asked, and starts it again over the same data. */
  restart(how: 'stop' | 'kill9', options?: { samePort?: boolean }): Promise<void>
  close(): Promise<void>
}

export async function openStage(options: StartServerOptions & { msPerEvent?: number } = {}): Promise<Stage> {
  const scripts = new Map<string, Script>()
  const projects: Project[] = []
  // Runs are told apart by their folder, which the first message names.
  const cwdOf = ({ firstUserText }: MessagesRequest) =>
    [...scripts.keys()].find(folder => firstUserText.includes(folder)) ?? ''
  const model = await startMessagesServer({
    msPerEvent: options.msPerEvent,
    respond(request) {
      const { tools } = request.body
      if (!Array.isArray(tools) || tools.length === 0) return stage.aside(request)
      const script = scripts.get(cwdOf(request)) ?? []
      if (typeof script === 'function') return script(request)
      const entry = script[request.assistantMessages]
      if (entry === undefined) return turn([text('There is nothing left to say.')])
      return Array.isArray(entry) ? (entry[request.attempt - 1] ?? entry.at(-1)!) : entry
    },
  })
  let server: TestServer
  try {
    server = await startServer({ ...options, env: { ANTHROPIC_BASE_URL: model.url, ...options.env } })
  } catch (error) {
    await model.close()
    throw error
  }
  const { RETRAI_TOKEN: token } = options.env ?? {}

  const stage: Stage = {
    aside: () => turn([text('Nobody told me what to answer.')]),
    model,
    server,
    client: api(server.url, { token }),
    async project(files, script = []) {
      const made = await makeProject(files)
      projects.push(made)
      scripts.set(made.path, script)
      return made.path
    },
    requests: cwd => model.requests.filter(request => cwdOf(request) === cwd),
    async restart(how, { samePort = false } = {}) {
      await stage.server[how]()
      stage.server = await stage.server.restart({ samePort })
      stage.client = api(stage.server.url, { token })
    },
    async close() {
      await stage.server.close()
      await model.close()
      for (const made of projects) await made.remove()
    },
  }
  return stage
}

// Every attack, in the order in which they run. The numbers are those of the threat model.
import type { Scenario } from '../reliability/scenario.ts'
import { audit } from './audit.ts'
import { bind } from './bind.ts'
import { crossSite } from './cross-site.ts'
import { crossSiteSockets } from './cross-site-sockets.ts'
import { cwd } from './cwd.ts'
import { hostileRepository } from './hostile-repository.ts'
import { hostileTurns } from './hostile-turns.ts'
import { manyRuns } from './many-runs.ts'
import { network } from './network.ts'
import { ordinaryCode } from './ordinary-code.ts'
import { otherUser } from './other-user.ts'
import { projectSettings } from './project-settings.ts'
import { rebinding } from './rebinding.ts'
import { restFuzz } from './rest-fuzz.ts'
import { restStreams } from './rest-streams.ts'
import { routes } from './routes.ts'
import { secrets } from './secrets.ts'
import { sensitiveFiles } from './sensitive-files.ts'
import { socketFloods } from './socket-floods.ts'
import { socketFuzz } from './socket-fuzz.ts'
import { terminal } from './terminal.ts'
import { tree } from './tree.ts'
import { xss } from './xss.ts'

/** Those that need a browser. */
export const inBrowser: Scenario[] = [crossSite, rebinding, crossSiteSockets, xss, terminal]

export const attacks: Scenario[] = [
  ...inBrowser,
  routes,
  bind,
  otherUser,
  cwd,
  tree,
  projectSettings,
  sensitiveFiles,
  hostileTurns,
  hostileRepository,
  network,
  secrets,
  ordinaryCode,
  socketFloods,
  restFuzz,
  restStreams,
  socketFuzz,
  manyRuns,
  audit,
]

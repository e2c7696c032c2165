// Every attack, in the order in which they run.
import type { Scenario } from '../reliability/scenario.ts'
import { audit } from './audit.ts'
import { cwd } from './cwd.ts'
import { hostileRepository } from './hostile-repository.ts'
import { hostileTurns } from './hostile-turns.ts'
import { network } from './network.ts'
import { ordinaryCode } from './ordinary-code.ts'
import { projectSettings } from './project-settings.ts'
import { restFuzz } from './rest-fuzz.ts'
import { routes } from './routes.ts'
import { secrets } from './secrets.ts'
import { sensitiveFiles } from './sensitive-files.ts'
import { socketFuzz } from './socket-fuzz.ts'
import { tree } from './tree.ts'

export const attacks: Scenario[] = [
  routes,
  cwd,
  tree,
  projectSettings,
  sensitiveFiles,
  hostileTurns,
  hostileRepository,
  network,
  secrets,
  ordinaryCode,
  restFuzz,
  socketFuzz,
  audit,
]

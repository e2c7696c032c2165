// The built-in rules: what they find, and what is done about it in the sandbox and without one. They are a seat belt for an agent that
// means well; who means harm has other ways, and the sandbox is what stands in theirs.

import { deletesEverything, deletesOutside, deletesProject, isForkBomb } from './deleting-rules.ts'
import {
  becomesRoot,
  killsOthers,
  manages,
  opensEverything,
  powersOff,
  writesDevice,
} from './machine-rules.ts'
import { publishes, pushes, reachesOut, readsKeys, runsDownload, runsHidden } from './network-rules.ts'
import { TOO_DEEP } from './read-shell.ts'
import type { Rule } from './rule.ts'

const LEAVE_IT = 'Leave that to the person; say in your last words that it is to be done.'

export const RULES: readonly Rule[] = [
  {
    name: 'delete-everything',
    why: 'deletes the system, a whole home, or what the project lies in',
    instead: 'Name the files or folders of the project that are to go.',
    sandboxed: 'deny',
    plain: 'deny',
    finds: deletesEverything,
  },
  {
    name: 'write-device',
    why: 'formats or overwrites a disk',
    instead: 'Work with a file in the project instead of a device.',
    sandboxed: 'deny',
    plain: 'deny',
    finds: writesDevice,
  },
  {
    name: 'fork-bomb',
    why: 'starts copies of itself without end',
    instead: 'Start as many processes as the work needs.',
    sandboxed: 'deny',
    plain: 'deny',
    finds: isForkBomb,
  },
  {
    name: 'power-off',
    why: 'turns the machine off',
    instead: 'Nothing of a goal needs that.',
    sandboxed: 'deny',
    plain: 'deny',
    finds: powersOff,
  },
  {
    name: 'open-everything',
    why: 'changes owner or permissions of the whole system or home',
    instead: 'Name the files of the project that need other permissions.',
    sandboxed: 'deny',
    plain: 'deny',
    finds: opensEverything,
  },
  {
    name: 'become-root',
    why: 'asks for the rights of another user',
    instead:
      'Do without: install into the project (a virtual environment, node_modules), use ports above 1024.',
    sandboxed: 'deny',
    plain: 'ask',
    finds: becomesRoot,
  },
  {
    name: 'git-push',
    why: 'sends commits to another place',
    instead: LEAVE_IT,
    sandboxed: 'ask',
    plain: 'ask',
    finds: pushes,
  },
  {
    name: 'publish',
    why: 'makes something public, or deploys it',
    instead: LEAVE_IT,
    sandboxed: 'ask',
    plain: 'ask',
    finds: publishes,
  },
  {
    name: 'download-and-run',
    why: 'runs a program straight from the network, unseen',
    instead: 'Download it to a file, look at it, and run what is needed; or use a package manager.',
    sandboxed: 'ask',
    plain: 'ask',
    finds: runsDownload,
  },
  {
    name: 'hidden-script',
    why: 'runs a script that is encoded, so that nobody can read it here',
    instead: 'Write the script down as it is.',
    sandboxed: 'ask',
    plain: 'ask',
    finds: runsHidden,
  },
  {
    name: 'delete-project',
    why: 'deletes the whole project, or its repository',
    instead: 'Name the files or folders that are to go.',
    sandboxed: 'ask',
    plain: 'ask',
    finds: deletesProject,
  },
  {
    name: 'too-nested',
    why: 'is too long, or nested too deep, to be read',
    instead: 'Write it flat, or as several commands.',
    sandboxed: 'ask',
    plain: 'ask',
    finds: ({ words }) => words[0]?.text === TOO_DEEP,
  },
  {
    name: 'delete-outside',
    why: 'deletes a folder outside the project',
    instead: 'Work inside the project, or in a folder of `mktemp -d`.',
    sandboxed: 'allow',
    plain: 'ask',
    finds: deletesOutside,
  },
  {
    name: 'change-machine',
    why: 'installs or changes something for the whole machine or user',
    instead: 'Install into the project instead: a virtual environment, node_modules, vendor.',
    sandboxed: 'allow',
    plain: 'ask',
    finds: manages,
  },
  {
    name: 'kill-others',
    why: 'may end programs that it did not start',
    instead: 'End a program by the number of the process that you started.',
    sandboxed: 'allow',
    plain: 'ask',
    finds: killsOthers,
  },
  {
    name: 'other-machine',
    why: 'works on, or copies from or to, another machine',
    instead: LEAVE_IT,
    sandboxed: 'allow',
    plain: 'ask',
    finds: reachesOut,
  },
  {
    name: 'read-keys',
    why: 'reads keys or passwords of the user',
    instead: 'Do without them; tests can have keys of their own.',
    sandboxed: 'allow',
    plain: 'ask',
    finds: readsKeys,
  },
]

// Every tool a run has. The order is part of the model's cached prompt: add at the end.
import { bashExec } from './bash-exec.ts'
import { fileList } from './file-list.ts'
import { filePatch } from './file-patch.ts'
import { fileRead } from './file-read.ts'
import { fileWrite } from './file-write.ts'
import { findFiles } from './find-files.ts'
import { gitDiff } from './git-diff.ts'
import { grepSearch } from './grep-search.ts'
import { runCheck } from './run-check.ts'
import type { Tool } from './tool.ts'

export const tools: Tool[] = [
  bashExec,
  fileRead,
  fileWrite,
  filePatch,
  fileList,
  findFiles,
  grepSearch,
  gitDiff,
  runCheck,
]

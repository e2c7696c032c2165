import { expect, it } from 'vitest'
import { placeHint } from './place-hint.ts'

it.each([
  'bash: line 1: /srv/tools/check.sh: No such file or directory\n',
  'sh: 1: /srv/tools/check.sh: not found\n',
  "python3: can't open file '/srv/tools/check.sh': [Errno 2] No such file or directory\n",
  "FileNotFoundError: [Errno 2] No such file or directory: '/srv/tools/check.sh'\n",
  "node:internal/modules\nError: Cannot find module '/srv/tools/check.sh'\n",
  "Error: ENOENT: no such file or directory, open '/srv/tools/check.sh'\n",
  "ls: cannot access '/srv/tools/check.sh': No such file or directory\n",
  'cat: /srv/tools/check.sh: No such file or directory\n',
])('says of a file outside the project that the sandbox may hide it: %s', output => {
  expect(placeHint(output, '/home/me/app')).toContain('if /srv/tools/check.sh lies elsewhere')
})

it.each([
  'cat: /home/me/app/missing.txt: No such file or directory\n',
  'cat: missing.txt: No such file or directory\n',
  'bash: line 1: /usr/bin/nothing: No such file or directory\n',
  'expected /srv/tools to be found\n',
  '3 tests failed\n',
])('says nothing of what the sandbox does not hide: %s', output => {
  expect(placeHint(output, '/home/me/app')).toBeNull()
})

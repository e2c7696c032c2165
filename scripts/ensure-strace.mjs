// strace, for the test of what leaves the server before it is on the disk. Says what it does.
import { canInstall, ends, install } from './apt.mjs'

const isThere = () => ends('strace', ['--version'])

if (isThere()) console.log('strace is there')
else if (!(canInstall() && install('strace') && isThere())) {
  console.error('There is no strace and it could not be installed; install it, then try again')
  process.exit(1)
}

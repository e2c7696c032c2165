// bubblewrap, for the tests of the sandbox; the product itself works without it, and says so. Says what it does.
import { canInstall, ends, install } from './apt.mjs'

const isThere = () => ends('bwrap', ['--version'])

if (isThere()) console.log('bubblewrap is there')
else if (!(canInstall() && install('bubblewrap') && isThere())) {
  console.error('There is no bubblewrap and it could not be installed; install it, then try again')
  process.exit(1)
}

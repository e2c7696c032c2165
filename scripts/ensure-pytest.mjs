// pytest, for the tests of the goal of that name. Says what it does.
import { canInstall, ends, install } from './apt.mjs'

const isThere = () => ends('pytest', ['--version']) || ends('python3', ['-m', 'pytest', '--version'])

if (isThere()) console.log('pytest is there')
else if (!(canInstall() && install('python3-pytest') && isThere())) {
  console.error(
    'There is no pytest and it could not be installed; install it (pip install pytest), then try again',
  )
  process.exit(1)
}

// The tools of the goals' tests. Says what it does.
import { canInstall, ends, install } from './apt.mjs'
import { realTool, TOOLS } from './real-tools.mjs'

const hasMypy = () => ends('mypy', ['--version'])

try {
  for (const name of Object.keys(TOOLS)) {
    await realTool(name)
    console.log(`${name} is there`)
  }
  if (!hasMypy() && !(canInstall() && install('mypy') && hasMypy()))
    throw new Error(
      'There is no mypy and it could not be installed; install it (pip install mypy), then try again',
    )
  console.log('mypy is there')
} catch (error) {
  console.error(error.message)
  process.exit(1)
}

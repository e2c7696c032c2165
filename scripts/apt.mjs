// Packages of the system that tests need and npm cannot bring: installed only as root on Debian and its kin, and said aloud.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

export const canInstall = () =>
  process.getuid?.() === 0 && existsSync('/etc/debian_version') && ends('apt-get', ['--version'])

/** Whether the command runs and ends with 0. */
export function ends(command, args) {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 30_000 }).status === 0
}

/** False when it did not work; what apt-get said is printed then. */
export function install(...packages) {
  console.log(`Installing ${packages.join(', ')} with apt-get …`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [
    ['update', '-q'],
    ['install', '-y', '-q', '--no-install-recommends', ...packages],
  ]) {
    const { status, stdout, stderr } = spawnSync('apt-get', args, {
      env,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    })
    if (status === 0) continue
    console.error(`apt-get ${args.join(' ')} ended with ${status}\n${stdout ?? ''}${stderr ?? ''}`)
    // An update that failed in part may still have brought what is needed.
    if (args[0] === 'install') return false
  }
  return true
}

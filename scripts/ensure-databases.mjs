// sqlite3, psql and a PostgreSQL server, for the tests of the goal that measures queries. Says what it does.
import { existsSync, readdirSync } from 'node:fs'
import { canInstall, ends, install } from './apt.mjs'

const SERVERS = '/usr/lib/postgresql'
const hasServer = () =>
  existsSync(SERVERS) && readdirSync(SERVERS).some(version => existsSync(`${SERVERS}/${version}/bin/initdb`))
const isThere = () => ends('sqlite3', ['--version']) && ends('psql', ['--version']) && hasServer()

if (isThere()) console.log('sqlite3 and PostgreSQL are there')
else if (!(canInstall() && install('sqlite3', 'postgresql') && isThere())) {
  console.error(
    'There is no sqlite3 or no PostgreSQL, and they could not be installed; install both, then try again',
  )
  process.exit(1)
}

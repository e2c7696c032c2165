// Holds the write lock of a database until the first input. Usage: hold-lock.ts <file>
import { connect } from '#lib/store/libsql'

const connection = connect(process.argv[2] ?? '', 5000)
connection.exec('BEGIN IMMEDIATE')
process.stdout.write('locked\n')
process.stdin.once('data', () => {
  connection.exec('ROLLBACK')
  process.exit(0)
})

// Tries to take the write lock of a database, again and again, and keeps it when it gets it. Usage: take-lock.mjs <file> <seconds>
// Prints `held` once it has the lock, and at the end how often it tried.
import Database from 'libsql'

const [file, seconds] = process.argv.slice(2)
const until = performance.now() + Number(seconds) * 1000
let tries = 0
let isHeld = false

while (performance.now() < until) {
  if (!isHeld) {
    tries++
    isHeld = take()
    if (isHeld) console.log('held')
  }
  await new Promise(resolve => setTimeout(resolve, 20))
}
console.log(`tried ${tries}`)

function take() {
  let db
  try {
    db = new Database(file, { timeout: 0 })
    db.exec('BEGIN EXCLUSIVE')
    return true
  } catch {
    db?.close()
    return false
  }
}

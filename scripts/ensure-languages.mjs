// The test tools of other languages, which the goals' tests run for real. Says what it does.
import { existsSync } from 'node:fs'
import { canInstall, ends, install } from './apt.mjs'

const DEBIAN = '/usr/share'
/** Each: whether it is there, and the packages that bring it. */
const LANGUAGES = {
  cargo: [() => ends('cargo', ['--version']) && ends('rustc', ['--version']), 'cargo', 'rustc'],
  go: [() => ends('go', ['version']), 'golang-go'],
  rspec: [() => ends('rspec', ['--version']), 'ruby-rspec'],
  phpunit: [() => ends('phpunit', ['--version']), 'phpunit', 'php-cli', 'php-xml', 'php-mbstring'],
  maven: [
    () =>
      ends('mvn', ['--version']) &&
      ends('javac', ['-version']) &&
      existsSync(`${DEBIAN}/maven-repo/org/apache/maven/surefire/surefire-junit4`) &&
      existsSync(`${DEBIAN}/maven-repo/org/apache/maven/plugins/maven-resources-plugin`) &&
      existsSync(`${DEBIAN}/maven-repo/org/apache/maven/plugins/maven-compiler-plugin`),
    ...['default-jdk-headless', 'maven', 'libsurefire-java'],
    ...['libmaven-compiler-plugin-java', 'libmaven-resources-plugin-java'],
  ],
  gradle: [
    () => ends('gradle', ['--version']) && existsSync(`${DEBIAN}/java/junit4.jar`),
    'gradle',
    'junit4',
  ],
}

const missing = () => Object.keys(LANGUAGES).filter(name => !LANGUAGES[name][0]())

const wanted = missing()
if (wanted.length > 0 && canInstall()) install(...wanted.flatMap(name => LANGUAGES[name].slice(1)))
const still = wanted.length > 0 ? missing() : []
for (const name of still)
  console.error(
    `There is no complete ${name} and it could not be installed; install ${LANGUAGES[name].slice(1).join(', ')}, then try again`,
  )
for (const name of Object.keys(LANGUAGES)) if (!still.includes(name)) console.log(`${name} is there`)
if (still.length > 0) process.exit(1)

// Maven and gradle with what Debian has of them, without network.
import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProjects, type Projects } from './check-project.ts'
import { needTool, withoutTools } from './languages.fixture.ts'

let projects: Projects
/** Each check starts several virtual machines, on a busy machine for a long time. */
const SLOW_MS = 240_000
beforeAll(async () => {
  const packages = 'install the packages default-jdk-headless, maven, libsurefire-java, gradle and junit4'
  needTool('mvn', ['--version'], packages)
  needTool('gradle', ['--version'], packages)
  for (const file of [
    '/usr/share/java/junit4.jar',
    '/usr/share/maven-repo/org/apache/maven/surefire/surefire-junit4',
  ])
    if (!existsSync(file)) throw new Error(`These tests need ${file}: ${packages}`)
  projects = await createProjects()
})
afterAll(() => projects?.close())

const cart = (body: string) => `package x;
public class Cart { public static int add(int a, int b) { return ${body}; } }
`
const SOURCES = {
  'src/main/java/x/Cart.java': cart('a - b'),
  'src/test/java/x/CartTest.java': `package x;
import org.junit.*;
public class CartTest {
  @Test public void adds() { Assert.assertEquals(3, Cart.add(1, 2)); }
  @Test public void works() { }
  @Ignore("slow") @Test public void slow() { }
}
`,
}
const MAVEN = {
  // Debian's own repository in place of the one in the home directory.
  '.mvn/maven.config': '-o\n-Dmaven.repo.local=/usr/share/maven-repo\n',
  'pom.xml': `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>x</groupId><artifactId>cart</artifactId><version>1</version>
<properties><maven.compiler.source>11</maven.compiler.source><maven.compiler.target>11</maven.compiler.target>
<project.build.sourceEncoding>UTF-8</project.build.sourceEncoding></properties>
<dependencies><dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4.x</version>
<scope>test</scope></dependency></dependencies></project>
`,
}
const GRADLE = {
  'build.gradle': `apply plugin: 'java'
dependencies { testCompile files('/usr/share/java/junit4.jar', '/usr/share/java/hamcrest-core.jar') }
`,
}

describe.each([
  {
    goal: 'maven-test',
    build: MAVEN,
    command: 'mvn -B --fail-at-end test',
    planted: 'target/surefire-reports/TEST-a.xml',
    install: 'apt install maven',
    noBuild: 'pom.xml',
  },
  {
    goal: 'gradle-test',
    build: GRADLE,
    command: 'gradle --no-daemon --console=plain --continue test',
    planted: 'build/test-results/test/TEST-a.xml',
    install: 'apt install gradle',
    noBuild: 'build.gradle',
  },
])('$goal', { timeout: SLOW_MS }, ({ goal, build, command, planted, install, noBuild }) => {
  const broken = (said: string) => ({ achieved: false, broken: true, reason: expect.stringContaining(said) })

  test('a broken project is red test by test, and green once it is fixed', async () => {
    const report = '<testsuite><testcase classname="x.Planted" name="a"/></testsuite>'
    const project = await projects.make({ ...build, ...SOURCES, [planted]: report })
    const red = await projects.check(project, goal)
    expect(red).toMatchObject({
      achieved: false,
      broken: false,
      reason: '1 of 3 tests failing',
      command,
      tests: { passed: 1, failed: 1, skipped: 1, failing: ['x.CartTest.adds'] },
      tools: [{ name: command.split(' ')[0] }],
    })
    expect(red.tests?.cases.find(({ state }) => state === 'failed')).toMatchObject({
      message: expect.stringContaining('expected:<3> but was:<-1>'),
      line: 4,
    })
    await project.run({ command: "sed -i 's/a - b/a + b/' src/main/java/x/Cart.java", timeoutMs: 10_000 })
    expect(await projects.check(project, goal)).toMatchObject({
      achieved: true,
      tests: { passed: 2, failed: 0, skipped: 1, total: 3 },
    })
  })

  test('code that does not compile is red, with the compiler’s words', async () => {
    const result = await projects.check(
      { ...build, ...SOURCES, 'src/main/java/x/Cart.java': cart('c') },
      goal,
    )
    expect(result).toMatchObject({ achieved: false, broken: false, tests: { failed: 1 } })
    expect(result.tests?.cases[0]).toMatchObject({
      name: 'src/main/java/x/Cart.java: cannot find symbol',
      file: 'src/main/java/x/Cart.java',
      line: 2,
    })
  })

  test('without a build, without tests and without the tool the check says what to do', async () => {
    expect(await projects.check({}, goal)).toMatchObject(broken(noBuild))
    expect(await projects.check(build, goal)).toMatchObject(broken('src/test/java'))
    expect(await withoutTools(() => projects.check({ ...build, ...SOURCES }, goal))).toMatchObject(
      broken(install),
    )
  })
})

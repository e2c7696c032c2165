import { expect, test } from 'vitest'
import { checkFiles } from './check-files.ts'
import { startOf } from './project-at-start.fixture.ts'

/** The patterns for a command in a project with these files; a list is of empty ones. */
async function judges(command: string, files: Record<string, string> | string[]) {
  const { patterns } = await checkFiles(command, startOf(files))
  return patterns.toSorted()
}

test('what judges is protected, the work itself is not', async () => {
  const files = [
    ...[
      'check.sh',
      'verify.py',
      'main.py',
      'tools/run-tests.sh',
      'test/a.test.mjs',
      'specs (new)/a',
      'src/latest.py',
    ],
  ]
  expect(await judges('sh check.sh', files)).toEqual(['check.sh'])
  expect(await judges('python verify.py && ./tools/run-tests.sh --all > log', files)).toEqual([
    'tools/run-tests.sh',
    'verify.py',
  ])
  expect(await judges('python main.py | grep ok', files)).toEqual([])
  expect(await judges('python src/latest.py', files)).toEqual([])
  expect(await judges('ls "specs (new)/" ../check.sh /etc/test.sh missing-test.sh', files)).toEqual([
    'specs \\(new\\)/**',
  ])
  expect(await judges('node --test test/', files)).toEqual(['test/**'])
  expect(await judges('make check', files)).toContain('**/{GNUmakefile,makefile,Makefile}')
})

test('a program that is called like a judge is one, unless something looks at what it prints', async () => {
  const files = ['eval.py', 'grade.py', 'bench/compare.js', 'checkAll.mjs', 'score.py']
  expect(await judges('python3 -u eval.py', files)).toEqual(['eval.py'])
  expect(await judges('test "$(echo 1+1 | python3 eval.py)" = 2', files)).toEqual([])
  expect(await judges('python3 eval.py < in.txt | grep 2', files)).toEqual([])
  expect(await judges('python grade.py | tee log', files)).toEqual(['grade.py'])
  expect(await judges('node bench/compare.js && timeout 5 node checkAll.mjs', files)).toEqual([
    'bench/compare.js',
    'checkAll.mjs',
  ])
  expect(await judges('if ! python -m score; then exit 1; fi', files)).toEqual(['score.py'])
})

test('what a check runs is followed, from script to script', async () => {
  const files = {
    'check.sh': 'cd tools && ./second.sh "$@"\n',
    'tools/second.sh': 'python3 verify_all.py\n',
    'tools/verify_all.py': 'import check_rules\nimport app\nopen("limits_expected.json")\n',
    'tools/check_rules.py': '',
    'tools/limits_expected.json': '{}',
    'tools/app.py': '',
    'app.py': '',
  }
  expect(await judges('bash -c "sh ./check.sh"', files)).toEqual([
    'check.sh',
    'tools/check_rules.py',
    'tools/limits_expected.json',
    'tools/second.sh',
    'tools/verify_all.py',
  ])
})

test('what results are compared with is protected, what is compared is not', async () => {
  const files = {
    'main.py': '',
    'out.txt': '',
    'expected.txt': '',
    'cases/golden/1.txt': '',
    'verify.py': 'from pathlib import Path\nfor f in (Path(__file__).parent / "fixtures").iterdir(): pass\n',
    'fixtures/a.json': '',
  }
  expect(await judges('python main.py | diff - expected.txt', files)).toEqual(['expected.txt'])
  expect(await judges('diff <(python main.py) expected.txt', files)).toEqual(['expected.txt'])
  expect(await judges('python main.py > out.txt; cmp out.txt cases/golden/1.txt', files)).toEqual([
    'cases/golden/1.txt',
  ])
  expect(await judges('python verify.py', files)).toEqual(['fixtures/**', 'verify.py'])
})

test('the scripts of package.json are followed, with those that run many', async () => {
  const scripts = {
    test: 'run-s lint:* unit && npm run e2e -- --quick',
    'lint:a': 'node scripts/a.js',
    unit: 'node run.js',
    preunit: 'node src/prepare.js',
    e2e: 'sh e2e.sh',
    start: 'node other.js',
  }
  const names = ['scripts/a.js', 'run.js', 'src/prepare.js', 'e2e.sh', 'other.js', 'index.js']
  const start = startOf({
    ...Object.fromEntries(names.map(name => [name, ''])),
    'package.json': JSON.stringify({ scripts }),
  })
  const { patterns, keys, mentioned } = await checkFiles('npm test', start)
  expect(patterns.toSorted()).toEqual(['e2e.sh', 'run.js', 'scripts/a.js'])
  expect(mentioned).toEqual(['src/prepare.js'])
  const held = keys.map(({ path }) => path[1])
  expect(held).toEqual(expect.arrayContaining(['test', 'lint:a', 'unit', 'preunit', 'e2e']))
  expect(held).not.toContain('start')
})

test('the main file of a package is its work, also when its test script runs it', async () => {
  const files = {
    'package.json': '{"main":"./cli.js","scripts":{"test":"node cli.js --self-test"}}',
    'cli.js': '',
  }
  expect(await judges('npm test', files)).toEqual([])
})

test('a Makefile’s recipes are followed through what the target needs', async () => {
  const files = {
    Makefile:
      'PY = python3\ntest: unit golden\nunit:\n\t@$(PY) verify_unit.py\ngolden:\n\t./app | diff - expected.txt\nclean:\n\tsh clean.sh\n',
    'verify_unit.py': '',
    'expected.txt': '',
    'clean.sh': '',
    app: '',
  }
  const found = await judges('make test', files)
  expect(found).toEqual(expect.arrayContaining(['Makefile', 'verify_unit.py', 'expected.txt']))
  expect(found).not.toContain('clean.sh')
  expect(found).not.toContain('app')
})

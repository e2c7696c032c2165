// `python -m unittest` through a module of ours: it runs the same, and besides writes down each test, signed, and says what
// of unittest the code under test replaced. Without it there is only a printed summary, which any program can print.
import { quote } from './command-line.ts'

/** The name of the module; another one each time, as with pytest. */
export const unittestName = (key: string) => `retrai_unittest_${key.slice(0, 12)}`

/** Shell text that puts the module into the folder. */
export function placeUnittest(folder: string, root: string, key: string): string {
  return [
    `printf %s ${quote(JSON.stringify({ key, root }))} > ${quote(`${folder}/key`)}`,
    `cat > ${quote(`${folder}/${unittestName(key)}.py`)} <<'RETRAI_MODULE'\n${MODULE}\nRETRAI_MODULE`,
  ].join('\n')
}

const MODULE = String.raw`
import base64, builtins, hashlib, hmac, json, os, sys, types, unittest, unittest.case, unittest.loader, unittest.result, unittest.runner, unittest.suite

def _main():
    folder = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(folder, 'key')) as source:
        told = json.loads(source.read())
    os.remove(os.path.join(folder, 'key'))
    key, root = told['key'], os.path.realpath(told['root'])
    real, dumps, sha256, new_mac, encode, open_, join = os.path.realpath, json.dumps, hashlib.sha256, hmac.new, base64.b64encode, open, os.path.join
    modules = sys.modules
    parts = {}
    for module in (unittest, unittest.case, unittest.suite, unittest.result, unittest.runner, unittest.loader):
        for attribute, value in list(vars(module).items()):
            if isinstance(value, (types.FunctionType, type)):
                parts[(module, attribute)] = (module.__name__ + '.' + attribute, value)
            if isinstance(value, type) and value.__module__.split('.')[0] == 'unittest':
                for method, held in list(vars(value).items()):
                    if isinstance(held, (types.FunctionType, staticmethod, classmethod, property)):
                        parts[(value, method)] = (value.__module__ + '.' + value.__name__ + '.' + method, held)
    for name in 'AssertionError Exception BaseException all any len abs isinstance sum sorted max min round repr'.split():
        parts[(builtins, name)] = ('builtins.' + name, getattr(builtins, name))

    lines, found, failed = [], [], [0]

    def origin(value):
        for _ in range(20):
            if isinstance(value, (staticmethod, classmethod)):
                value = value.__func__
            elif isinstance(value, property):
                value = value.fget
            else:
                break
        code = getattr(value, '__code__', None)
        return code.co_filename if code is not None else None

    def note(what, path):
        inside = path is not None and real(path).startswith(root + os.sep) and os.path.isfile(real(path))
        digest = None
        if inside:
            with open_(real(path), 'rb') as source:
                digest = sha256(source.read()).hexdigest()
        found.append({'what': what, 'file': real(path)[len(root) + 1:] if inside else None, 'sha256': digest})

    def add(state, test, suffix=()):
        if state == 'fail':
            failed[0] += 1
        held = getattr(test, 'test_case', test)
        cls = type(held)
        path = getattr(modules.get(cls.__module__), '__file__', None)
        file = os.path.relpath(real(path), root) if path and real(path).startswith(root + os.sep) else ''
        name = getattr(held, '_testMethodName', None) or str(held)
        kept = [cls.__name__, name] if name != str(held) else [name]
        lines.append(dumps([state, file, kept + list(suffix)]))

    class Result(unittest.runner.TextTestResult):
        def addSuccess(self, test):
            super().addSuccess(test)
            add('pass', test)
        def addFailure(self, test, err):
            super().addFailure(test, err)
            add('fail', test)
        def addError(self, test, err):
            super().addError(test, err)
            add('fail', test)
        def addSkip(self, test, reason):
            super().addSkip(test, reason)
            add('skip', test)
        def addExpectedFailure(self, test, err):
            super().addExpectedFailure(test, err)
            add('skip', test)
        def addUnexpectedSuccess(self, test):
            super().addUnexpectedSuccess(test)
            add('fail', test)
        def addSubTest(self, test, subtest, err):
            super().addSubTest(test, subtest, err)
            if err is not None:
                add('fail', test, (subtest._subDescription(),))

    class Runner(unittest.runner.TextTestRunner):
        resultclass = Result
        def run(self, test):
            result = super().run(test)
            for (owner, attribute), (name, value) in parts.items():
                now = vars(owner).get(attribute)
                path = origin(now)
                if now is not value and not (path and ('/site-packages/' in path or '/dist-packages/' in path)):
                    note(name + ' was replaced', path)
            text = '"ready"\n' + '\n'.join(lines) + '\n"done"\n'
            with open_(join(folder, 'report'), 'w') as target:
                target.write(text)
            body = encode(dumps({'tampering': found[:100], 'failed': failed[0]}).encode()).decode()
            mac = new_mac(key.encode(), (sha256(text.encode()).hexdigest() + ' ' + body).encode(), sha256).hexdigest()
            with open_(join(folder, 'report_zz'), 'w') as target:
                target.write('\n<!--retrai ' + body + ' ' + mac + '-->')
            return result

    sys.argv[0] = 'python -m unittest'
    unittest.main(module=None, testRunner=Runner)

if __name__ == '__main__':
    _main()
`.trim()

// A plugin of ours inside pytest: code under test runs in the same process as its judge, and can replace an assertion, a
// hook, or a test itself. The plugin is loaded before any of it, remembers what pytest and unittest are made of, and says
// at the end what is no longer so. It also signs pytest's report, so that nothing else can have written it. For pytest 6 to
// 9; where it cannot be loaded pytest says so, and runs without it.
import { createHash, createHmac } from 'node:crypto'
import { z } from 'zod'
import { quote } from './command-line.ts'
import type { Tampering } from './goal.ts'

const Seen = z.object({
  tampering: z.array(
    z.object({ what: z.string(), file: z.string().nullable(), sha256: z.string().nullable() }),
  ),
  failed: z.number(),
})

export interface WatchedReport {
  /** The runner's own. */
  report: string
  tampering: Tampering[]
  /** Tests that failed, as the plugin was told. */
  failed: number
}

/** The name of the module; another one each time, so that no file of a project can stand in for it. */
export const watchName = (key: string) => `retrai_watch_${key.slice(0, 12)}`

/** Shell text that puts the plugin into the folder. */
export function placeWatch(folder: string, root: string, key: string): string {
  return [
    `printf %s ${quote(JSON.stringify({ key, root }))} > ${quote(`${folder}/key`)}`,
    `cat > ${quote(`${folder}/${watchName(key)}.py`)} <<'RETRAI_PLUGIN'\n${PLUGIN}\nRETRAI_PLUGIN`,
  ].join('\n')
}

/** null when it is not what pytest wrote, or pytest did not come to its end. */
export function readWatched(report: string, key: string): WatchedReport | null {
  const at = report.lastIndexOf('\n<!--retrai ')
  const [, body = '', mac = ''] = /^\n<!--retrai (\S+) ([0-9a-f]{64})-->\s*$/.exec(report.slice(at)) ?? []
  if (at === -1 || mac === '') return null
  const own = report.slice(0, at)
  const digest = createHash('sha256').update(own).digest('hex')
  if (createHmac('sha256', key).update(`${digest} ${body}`).digest('hex') !== mac) return null
  try {
    const seen = Seen.parse(JSON.parse(Buffer.from(body, 'base64').toString('utf8')))
    return { report: own, ...seen }
  } catch {
    return null // It is signed, so this would be a fault of ours; then there is no report.
  }
}

// Old Pythons run it too, so it is plain. Nothing is looked up by a name that code under test could have replaced.
const PLUGIN = String.raw`
import base64, builtins, hashlib, hmac, importlib, json, os, sys, types, unittest.case
import pytest

def _watch():
    real, join, isfile = os.path.realpath, os.path.join, os.path.isfile
    dumps, sha256, new_mac, encode = json.dumps, hashlib.sha256, hmac.new, base64.b64encode
    getattr_, sorted_, open_, set_, len_, str_ = getattr, sorted, open, set, len, str
    function, klass = types.FunctionType, type
    modules = sys.modules
    folder = os.path.dirname(os.path.abspath(__file__))
    key, root = None, None
    try:
        with open_(join(folder, 'key')) as source:
            told = json.loads(source.read())
        key, root = told['key'], real(told['root'])
        os.remove(join(folder, 'key'))
    except Exception:
        return None
    homes = [real(p) + os.sep for p in set_([sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(os.__file__)])]

    NAMES = ('pytest _pytest.runner _pytest.reports _pytest.python _pytest.main _pytest.outcomes _pytest.python_api '
             '_pytest.raises _pytest.recwarn _pytest.skipping _pytest.unittest _pytest.junitxml _pytest.assertion '
             '_pytest.assertion.rewrite _pytest.assertion.util _pytest.nodes _pytest._code.code _pytest.terminal '
             'pluggy._hooks pluggy._callers pluggy._manager pluggy.hooks pluggy.callers pluggy.manager '
             'unittest.case unittest.suite unittest.result').split()
    BUILTINS = ('AssertionError Exception BaseException all any len abs isinstance issubclass sum sorted max min round set '
                'list dict tuple str int float bool repr hash id type range zip enumerate getattr').split()
    HOOKS = ('pytest_runtest_makereport pytest_runtest_call pytest_runtest_setup pytest_runtest_teardown '
             'pytest_runtest_protocol pytest_runtestloop pytest_pyfunc_call pytest_collection_modifyitems '
             'pytest_ignore_collect pytest_collect_file pytest_pycollect_makeitem pytest_sessionfinish '
             'pytest_runtest_logreport pytest_report_teststatus pytest_unconfigure pytest_cmdline_main '
             'pytest_collection pytest_itemcollected pytest_generate_tests pytest_deselected').split()
    parts = {}
    for name in NAMES:
        try:
            module = importlib.import_module(name)
        except Exception:
            continue
        top = name.split('.')[0]
        for attribute, value in list(vars(module).items()):
            if isinstance(value, (function, klass)):
                parts[(module, attribute)] = (name + '.' + attribute, value)
            if isinstance(value, klass) and str_(getattr_(value, '__module__', '')).split('.')[0].lstrip('_') in ('pytest', 'unittest', 'pluggy'):
                for method, held in list(vars(value).items()):
                    if isinstance(held, (function, staticmethod, classmethod, property)):
                        parts[(value, method)] = (value.__module__ + '.' + value.__name__ + '.' + method, held)
    for name in BUILTINS:
        parts[(builtins, name)] = ('builtins.' + name, getattr_(builtins, name))

    found, seen = [], set_()
    hooks, collected, reported, failed, deselected = {}, set_(), set_(), set_(), set_()
    texts = {}

    def origin(value):
        for _ in range(20):
            if isinstance(value, (staticmethod, classmethod)):
                value = value.__func__
            elif isinstance(value, property):
                value = value.fget
            elif isinstance(value, types.MethodType):
                value = value.__func__
            elif getattr_(value, '__wrapped__', None) is not None and not isinstance(value, klass):
                value = value.__wrapped__
            else:
                break
        code = getattr_(value, '__code__', None)
        if code is not None:
            return code.co_filename
        if isinstance(value, klass):
            return getattr_(modules.get(value.__module__), '__file__', None)
        return None

    def is_trusted(path):
        if path is None or path.startswith('<'):
            return False
        path = real(path)
        if '/site-packages/' in path or '/dist-packages/' in path:
            return True
        return any(path.startswith(home) for home in homes) and not path.startswith(root + os.sep)

    def note(what, path):
        if (what, path) in seen:
            return
        seen.add((what, path))
        inside = path is not None and real(path).startswith(root + os.sep) and isfile(real(path))
        digest = None
        if inside:
            with open_(real(path), 'rb') as source:
                digest = sha256(source.read()).hexdigest()
        found.append({'what': what, 'file': real(path)[len_(root) + 1:] if inside else None, 'sha256': digest})

    def look_at_parts():
        for (owner, attribute), (name, value) in parts.items():
            now = vars(owner).get(attribute)
            if now is value:
                continue
            path = origin(now) if now is not None else None
            if is_trusted(path):
                continue
            # What another plugin puts there need not be a function.
            if path is None and name.split('.')[0] not in ('builtins', 'unittest', 'pytest'):
                continue
            note(name + ' was replaced', path)

    def look_at_hooks(config):
        for name in HOOKS:
            caller = getattr_(config.pluginmanager.hook, name, None)
            if caller is None:
                continue
            impls = caller.get_hookimpls()
            for impl in impls:
                path = origin(impl.function)
                if not is_trusted(path) and not (path or '').startswith(folder):
                    note('the hook ' + name + ' was taken', path)
            now = set_(impl.function for impl in impls)
            for function_ in hooks.get(name, ()):
                if function_ not in now:
                    note('pytest lost its own hook ' + name, None)

    def look_at_item(item):
        held = getattr_(item, 'obj', None)
        name = getattr_(held, '__name__', None)
        path = str_(getattr_(item, 'path', None) or getattr_(item, 'fspath', ''))
        if held is None or not path.endswith('.py'):
            return
        by = origin(held)
        if by is not None and real(by) == real(path):
            return
        if is_trusted(by):
            return
        own = str_(getattr_(item, 'originalname', None) or getattr_(item, 'name', '')).split('[')[0]
        if path not in texts:
            try:
                with open_(path, 'rb') as source:
                    texts[path] = source.read().decode('utf-8', 'replace')
            except Exception:
                texts[path] = ''
        # A test that is inherited or imported is honest: its file does not define it.
        if ('def ' + own + '(') not in texts[path]:
            return
        parent = getattr_(item, 'cls', None)
        if parent is not None and own not in vars(parent):
            return
        note('the test ' + own + ' of ' + os.path.basename(path) + ' was replaced', by)

    class Watch(object):
        @pytest.hookimpl(trylast=True)
        def pytest_configure(self, config):
            modules.pop(__name__, None)
            for name in HOOKS:
                caller = getattr_(config.pluginmanager.hook, name, None)
                if caller is not None:
                    hooks[name] = [impl.function for impl in caller.get_hookimpls()
                                   if str_(getattr_(impl.plugin, '__name__', '')).startswith('_pytest.')]

        @pytest.hookimpl(trylast=True)
        def pytest_collection_finish(self, session):
            for item in session.items:
                collected.add(item.nodeid)
                look_at_item(item)

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_setup(self, item):
            look_at_item(item)

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_logreport(self, report):
            reported.add(report.nodeid)
            if report.failed:
                failed.add(report.nodeid)

        @pytest.hookimpl(trylast=True)
        def pytest_sessionfinish(self, session, exitstatus):
            config = session.config
            for look in (look_at_parts, lambda: look_at_hooks(config)):
                try:
                    look()
                except Exception:
                    pass  # An honest run must not fail for what we do not know of its pytest.
            option = config.option
            is_dry = getattr_(option, 'collectonly', False) or getattr_(option, 'setupplan', False)
            missing = collected - reported
            if missing and int(exitstatus) == 0 and not is_dry:
                note(str_(len_(missing)) + ' of the collected tests never ran', None)

        @pytest.hookimpl(trylast=True)
        def pytest_unconfigure(self, config):
            path = join(folder, 'report.xml')
            if not isfile(path):
                return
            with open_(path, 'rb') as source:
                digest = sha256(source.read()).hexdigest()
            body = encode(dumps({'tampering': found[:100], 'failed': len_(failed)}).encode()).decode()
            mac = new_mac(key.encode(), (digest + ' ' + body).encode(), sha256).hexdigest()
            with open_(join(folder, 'report_zz'), 'w') as target:
                target.write('\n<!--retrai ' + body + ' ' + mac + '-->')

    return Watch()

_plugin = _watch()

def pytest_addoption(parser, pluginmanager):
    global _plugin
    if _plugin is not None:
        pluginmanager.register(_plugin, 'retrai-watch')
        _plugin = None
`.trim()

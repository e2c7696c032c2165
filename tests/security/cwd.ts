// Directories no run may work in, asked for over HTTP as a stranger would.
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { api } from '#lib/testing/api'
import { startServer } from '#lib/testing/server'
import type { Scenario } from '../reliability/scenario.ts'

export const cwd: Scenario = {
  name: 'cwd',
  promise: 'S10: a run works in a project, never in the system, a whole home or what the server keeps',
  async run() {
    const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'retrai-cwds-')))
    const server = await startServer({
      env: { ANTHROPIC_API_KEY: 'key-of-nobody-1234', ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' },
    })
    const broken: string[] = []
    try {
      await mkdir(path.join(folder, 'plain'))
      await writeFile(path.join(folder, 'file'), '')
      const links = {
        root: '/',
        etc: '/etc',
        home: homedir(),
        data: server.dataDir,
        circle: path.join(folder, 'to-circle'),
      }
      for (const [name, target] of Object.entries(links))
        await symlink(target, path.join(folder, `to-${name}`))
      const hostile: unknown[] = [
        ...'/ // /. /.. /etc /etc/ssl /usr /usr/bin /usr/lib /bin /sbin /boot /proc /proc/self /proc/1 /proc/self/cwd /proc/self/root /sys'.split(
          ' ',
        ),
        ...'/dev /dev/shm /run /var /var/lib /var/log /var/tmp /etc/../etc /tmp/../etc /tmp/.. /usr/share/.. /var/tmp/../lib'.split(
          ' ',
        ),
        homedir(),
        `${homedir()}/`,
        path.dirname(homedir()),
        `${homedir()}/x/..`,
        server.dataDir,
        `${server.dataDir}/`,
        path.dirname(server.dataDir),
        path.join(server.dataDir, 'protected'),
        `${folder}/../${path.basename(server.dataDir)}`,
        ...Object.keys(links).map(name => path.join(folder, `to-${name}`)),
        path.join(folder, 'to-root/etc'),
        path.join(folder, 'to-root', server.dataDir),
        path.join(folder, 'file'),
        path.join(folder, 'file/x'),
        path.join(folder, 'nowhere'),
        `${folder}/plain `,
        ` ${folder}/plain`,
        `${folder}/plain\0/etc`,
        `${folder}/plain\n`,
        `/${'x'.repeat(5000)}`,
        `${folder}/${'x'.repeat(300)}`,
        '',
        '.',
        '..',
        '~',
        '~/code',
        'code/shop',
        '\\\\server\\share',
        'C:\\Users\\me',
        'file:///etc',
        '$HOME',
        7,
        null,
        ['/etc'],
        { path: '/etc' },
        true,
      ]
      const client = api(server.url)
      for (const value of hostile) {
        const { status, text } = await client.request('POST', '/api/runs', {
          body: { goal: 'x', check_command: 'true', cwd: value },
        })
        // None at all means the server's own directory.
        const isRefused = status === 422 && text.includes('cwd')
        if (!isRefused)
          broken.push(
            `${JSON.stringify(value)?.slice(0, 80)} is answered with ${status} ${text.slice(0, 100)}`,
          )
      }
      const runs = await client.list()
      if (runs.length > 0) broken.push(`${runs.length} runs were started`)
      const good = [
        'plain',
        'two words',
        'größe',
        "it's",
        'a/b/c/d',
        '.hidden',
        'etc',
        'proc',
        'data',
        '-dash',
        '%2e',
        '$HOME',
        '~',
        'a;b',
        'a&b',
        'x'.repeat(200),
        '日本',
        '💥',
        'a"b',
        'to',
      ].map(name => path.join(folder, 'good', name))
      for (const place of good) {
        await mkdir(place, { recursive: true })
        const { status, text } = await client.request('POST', '/api/runs', {
          body: { goal: 'x', check_command: 'true', cwd: place },
        })
        if (status !== 202 && status !== 201 && status !== 200)
          broken.push(`${place} is refused: ${status} ${text.slice(0, 200)}`)
      }
      return {
        figures: { hostile: hostile.length, good: good.length, 'wrong answers': broken.length },
        broken,
      }
    } finally {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

// Which places of a Mac sandboxed commands may read, and which of them not: what places.ts says of Linux.
import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { contains } from './bwrap-args.ts'
import { exists, findPlaces, type Owner, TOOLCHAINS } from './places.ts'

/**
 * Programs, libraries and settings that every user of the system may read. Not /Library as a whole: it holds key chains,
 * preferences and what applications keep. Not /Volumes, /Users, /tmp, nor the temporary folders of users.
 */
const SYSTEM = [
  ...['/bin', '/sbin', '/usr', '/opt', '/nix', '/System', '/Applications', '/private/etc'],
  ...['/Library/Apple', '/Library/Developer', '/Library/Frameworks', '/Library/Java', '/Library/Fonts'],
  ...['/Library/Perl', '/Library/Python', '/Library/Ruby', '/Library/TeX'],
  ...['/Library/Preferences/Logging', '/Library/Filesystems/NetFSPlugins', '/private/preboot/Cryptexes'],
  ...['/private/var/db/timezone', '/private/var/db/dyld', '/private/var/db/xcode_select_link'],
  // Programs translated from Intel's; which shell sh is; whether Xcode's licence was accepted, without which cc is refused.
  ...['/private/var/db/oah', '/private/var/select', '/Library/Preferences/com.apple.dt.Xcode.plist'],
  // By another way all of the disk is there once more, homes included; the system's libraries are in one folder of it.
  '/System/Volumes/Preboot/Cryptexes',
]

const HIDDEN = [
  ...['/System/Volumes', '/Library/Keychains', '/private/etc/master.passwd', '/private/etc/sudoers'],
  ...['/private/etc/sudoers.d', '/private/etc/krb5.keytab', '/private/etc/ssh/ssh_host_rsa_key'],
  ...['/private/etc/ssh/ssh_host_ecdsa_key', '/private/etc/ssh/ssh_host_ed25519_key'],
  // Databases, and the settings of services with their passwords: they belong to the person, not to the system.
  ...['/opt/homebrew/var', '/usr/local/var', '/opt/homebrew/etc', '/usr/local/etc'],
]

/** Of what is hidden above: whom to trust, without which nothing of Homebrew gets out. */
const SHOWN = ['/opt/homebrew/etc', '/usr/local/etc'].flatMap(etc =>
  ['ca-certificates', 'openssl@3', 'openssl@1.1', 'gitconfig'].map(name => `${etc}/${name}`),
)

/** Of home, besides those of every system. */
export const MAC_TOOLCHAINS = [
  ...TOOLCHAINS,
  ...['Library/Python', 'Library/pnpm', 'Library/Java/JavaVirtualMachines', 'Library/Android/sdk'],
  ...['Library/Application Support/fnm', 'Library/Developer/Toolchains'],
]

/** A toolchain is never one of these, nor what contains one. */
const TOO_WIDE = [
  ...['/Users', '/Volumes', '/private/tmp', '/private/var/tmp', '/private/var/root', '/private/var/folders'],
  ...['/System/Volumes/Data', '/Library/Keychains'],
]

export interface MacPlaces {
  readOnly: string[]
  hidden: string[]
}

export interface MacPlacesOptions {
  /** As commands get it. */
  env: Record<string, string>
  home: string
  /** Further places that commands may read. */
  extra: string[]
  owner: Owner | null
}

export async function findMacPlaces({ env, home, extra, owner }: MacPlacesOptions): Promise<MacPlaces> {
  const places = await findPlaces({
    ...{ env, home, owner, extra: [] },
    machine: { system: SYSTEM, toolchains: MAC_TOOLCHAINS },
  })
  const found = [...places.readOnly, ...places.links.map(({ path }) => path)]
  const readOnly = found.filter(path => !TOO_WIDE.some(wide => contains(path, wide)))
  const asked: string[] = []
  for (const path of extra) if (await exists(path)) asked.push(await realpath(path))
  return {
    readOnly: [...readOnly, ...SHOWN, ...asked],
    hidden: [...HIDDEN, join(home, 'Library/Keychains'), ...places.hiddenFiles, ...places.hiddenFolders],
  }
}

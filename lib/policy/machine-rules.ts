// Commands that concern the whole machine: other users, disks, power, permissions, what is installed.
import { hasOption, partsOf } from './pattern.ts'
import { placeOf } from './places.ts'
import type { Context } from './rule.ts'
import { programOf, type ShellCall, textsOf, UNKNOWN } from './shell-call.ts'

const BECOMES = new Set([
  'sudo',
  'su',
  'doas',
  'pkexec',
  'run0',
  'runuser',
  'gosu',
  'su-exec',
  'sudoedit',
  'visudo',
])
export function becomesRoot(call: ShellCall): boolean {
  const program = programOf(call)
  if (!BECOMES.has(program)) return false
  // Asking what it is changes nothing.
  return !(partsOf(call).args.length === 0 && /^(-V|--version|-h|--help)$/.test(textsOf(call)[1] ?? ''))
}

const HARMLESS_DEVICES =
  /^\/dev\/(null|zero|full|u?random|std(in|out|err)|fd\/\d+|tty|ptmx|shm(\/.*)?|tcp\/.*|udp\/.*)$/
const isDevice = (path: string) => path.startsWith('/dev/') && !HARMLESS_DEVICES.test(path)
const FORMATS =
  /^(mkfs(\.\w+)?|mke2fs|mkswap|mkdosfs|newfs|wipefs|blkdiscard|hdparm|fdisk|sfdisk|gdisk|sgdisk|cfdisk|parted|diskutil|mdadm|pvcreate|lvremove|vgremove|cryptsetup)$/
const LOOKS = /^(-l|-L|--list|print|list|info|status|-V|--version|-h|--help)$/

export function writesDevice(call: ShellCall): boolean {
  if (call.redirects.some(({ op, target }) => op.includes('>') && isDevice(target.text))) return true
  const program = programOf(call)
  const texts = textsOf(call).slice(1)
  if (program === 'dd') return texts.some(text => text.startsWith('of=') && isDevice(text.slice(3)))
  if (FORMATS.test(program))
    return (
      texts.some(text => isDevice(text) || text.includes(UNKNOWN) || /^disk\d/.test(text)) &&
      !texts.some(text => LOOKS.test(text))
    )
  if (program === 'shred') return texts.some(isDevice)
  return /^(cp|mv|tee|install|ddrescue|pv)$/.test(program) && isDevice(texts.at(-1) ?? '')
}

const POWER = new Set(['shutdown', 'reboot', 'halt', 'poweroff', 'telinit'])
export function powersOff(call: ShellCall): boolean {
  const { program, args, options } = partsOf(call)
  if (options.includes('--help') || options.includes('--version')) return false
  if (POWER.has(program)) return true
  if (program === 'init') return args[0] === '0' || args[0] === '6'
  if (program === 'systemctl' || program === 'loginctl')
    return /^(poweroff|reboot|halt|kexec|suspend|hibernate|soft-reboot|rescue|emergency|exit)$/.test(
      args[0] ?? '',
    )
  return call.redirects.some(({ target }) => target.text === '/proc/sysrq-trigger')
}

export function opensEverything(call: ShellCall, context: Context): boolean {
  const parts = partsOf(call)
  if (!/^(chmod|chown|chgrp|chattr|setfacl)$/.test(parts.program)) return false
  if (!hasOption(parts, '-R') && !hasOption(parts, '--recursive') && !hasOption(parts, '-r')) return false
  return parts.args
    .slice(parts.program === 'setfacl' ? 0 : 1)
    .some(path => ['everything', 'home'].includes(placeOf(path, call.dir, context)))
}

const INSTALLS: [RegExp, RegExp][] = [
  [
    /^(apt|apt-get|aptitude|dnf|yum|zypper|microdnf|tdnf|apk|brew|port|pkg|snap|flatpak|emerge|xbps-install)$/,
    /^(install|reinstall|remove|purge|erase|upgrade|dist-upgrade|full-upgrade|update|autoremove|add|del|uninstall|rm)$/,
  ],
  [
    /^(systemctl|launchctl|rc-service|service|initctl)$/,
    /^(start|stop|restart|reload|enable|disable|mask|unmask|edit|load|unload|bootstrap|bootout|daemon-reload|kill)$/,
  ],
]

/** Packages of the system, services, timers, settings of the user. */
export function manages(call: ShellCall): boolean {
  const parts = partsOf(call)
  const { program, args, options } = parts
  if (
    INSTALLS.some(
      ([programs, verbs]) => programs.test(program) && args.some((arg, at) => at < 2 && verbs.test(arg)),
    )
  )
    return true
  switch (program) {
    case 'pacman':
      return options.some(option => /^-[SRU]/.test(option))
    case 'dpkg':
    case 'rpm':
      return options.some(option => /^-[a-zA-Z]*[irPUe]|^--(install|remove|purge|erase)/.test(option))
    case 'crontab':
      return !hasOption(parts, '-l')
    case 'at':
    case 'batch':
    case 'useradd':
    case 'userdel':
    case 'usermod':
    case 'passwd':
    case 'chsh':
    case 'visudo':
    case 'modprobe':
    case 'insmod':
    case 'iptables':
    case 'nft':
    case 'ufw':
      return true
    case 'sysctl':
      return hasOption(parts, '-w') || args.some(arg => arg.includes('='))
    case 'mount':
      return args.length > 0
    case 'umount':
      return true
    case 'git':
      return (
        args[0] === 'config' &&
        (options.includes('--global') || options.includes('--system')) &&
        (args.length > 2 || options.some(option => /^--(unset|add|replace|edit)/.test(option)))
      )
    case 'npm':
    case 'pnpm':
      return (
        (hasOption(parts, '--global') || options.includes('-g')) &&
        /^(i|install|add|uninstall|remove|rm|update|up|link)$/.test(args[0] ?? '')
      )
    case 'yarn':
      return args[0] === 'global' && args[1] !== 'list' && args[1] !== 'bin' && args[1] !== 'dir'
    case 'pip':
    case 'pip3':
      return args[0] === 'install' && options.includes('--break-system-packages')
    default:
      return false
  }
}

export function killsOthers(call: ShellCall): boolean {
  const { program, args, options } = partsOf(call)
  if (program === 'pkill' || program === 'killall' || program === 'killall5')
    return args.length > 0 || program === 'killall5'
  if (program === 'fuser') return options.some(option => /^-[a-z]*k/.test(option))
  if (program !== 'kill') return false
  const texts = textsOf(call).slice(1)
  // `kill -9 -1`: everything; after the signal a word with a dash is a group.
  const targets = texts.filter((text, at) => !(at === 0 && text.startsWith('-')))
  return targets.some(text => text === '-1' || text === '1') || (texts.length > 1 && texts.at(-1) === '-1')
}

// The system-call filter of sandboxed commands, as the BPF program that bubblewrap takes: what a build or a test never
// needs, but attacks on a kernel do. By number, so each processor has a table of its own; without one there is no filter.

/** Numbers that are the same everywhere: the kernel gives new calls one number for all. */
const NEWER = {
  open_tree: 428,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  fspick: 433,
  pidfd_getfd: 438,
  mount_setattr: 442,
  quotactl_fd: 443,
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
  clone3: 435,
}

const X64 = {
  ...NEWER,
  ioctl: 16,
  socket: 41,
  clone: 56,
  ptrace: 101,
  syslog: 103,
  vhangup: 153,
  pivot_root: 155,
  chroot: 161,
  acct: 163,
  settimeofday: 164,
  mount: 165,
  umount2: 166,
  swapon: 167,
  swapoff: 168,
  reboot: 169,
  sethostname: 170,
  setdomainname: 171,
  iopl: 172,
  ioperm: 173,
  init_module: 175,
  delete_module: 176,
  quotactl: 179,
  lookup_dcookie: 212,
  clock_settime: 227,
  kexec_load: 246,
  add_key: 248,
  request_key: 249,
  keyctl: 250,
  unshare: 272,
  perf_event_open: 298,
  name_to_handle_at: 303,
  open_by_handle_at: 304,
  setns: 308,
  process_vm_readv: 310,
  process_vm_writev: 311,
  kcmp: 312,
  finit_module: 313,
  kexec_file_load: 320,
  bpf: 321,
  userfaultfd: 323,
}

const ARM64: Record<string, number> = {
  ...NEWER,
  lookup_dcookie: 18,
  ioctl: 29,
  umount2: 39,
  mount: 40,
  pivot_root: 41,
  chroot: 51,
  vhangup: 58,
  quotactl: 60,
  acct: 89,
  unshare: 97,
  kexec_load: 104,
  init_module: 105,
  delete_module: 106,
  clock_settime: 112,
  syslog: 116,
  ptrace: 117,
  reboot: 142,
  sethostname: 161,
  setdomainname: 162,
  settimeofday: 170,
  socket: 198,
  add_key: 217,
  request_key: 218,
  keyctl: 219,
  clone: 220,
  swapon: 224,
  swapoff: 225,
  perf_event_open: 241,
  name_to_handle_at: 264,
  open_by_handle_at: 265,
  setns: 268,
  process_vm_readv: 270,
  process_vm_writev: 271,
  kcmp: 272,
  finit_module: 273,
  bpf: 280,
  userfaultfd: 282,
  kexec_file_load: 294,
}

interface Machine {
  audit: number
  calls: Record<string, number>
  /** From here on, numbers are those of another way to call the same kernel. */
  foreignFrom: number | null
}

export const MACHINES: Partial<Record<string, Machine>> = {
  x64: { audit: 0xc000003e, calls: X64, foreignFrom: 0x40000000 },
  arm64: { audit: 0xc00000b7, calls: ARM64, foreignFrom: null },
}

const EPERM = 1
const ENOSYS = 38
const EAFNOSUPPORT = 97
const ALLOW = 0x7fff0000
const KILL = 0x80000000
const errno = (number: number) => 0x00050000 | number

const [LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN] = [0x20, 0x15, 0x35, 0x45, 0x06]
// Offsets into what the kernel shows the filter; of an argument the lower half, which is all these calls look at.
const [NUMBER, ARCH] = [0, 4]
const argument = (index: number) => 16 + 8 * index

const [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK] = [1, 2, 10, 16]
/** CLONE_NEW*: a new namespace of any kind. */
const NEW_NAMESPACE = 0x7e020000
const [TIOCSTI, TIOCLINUX] = [0x5412, 0x541c]

type Line = [code: number, value: number, ifTrue?: string, ifFalse?: string] | string

/** null where the processor is not known. `unixSockets`: whether they may be made; pairs always may. */
export function seccompFilter(arch: string, { unixSockets }: { unixSockets: boolean }): Buffer | null {
  const machine = MACHINES[arch]
  if (!machine) return null
  const { socket, ioctl, clone, clone3, ...denied } = machine.calls
  return assemble([
    [LOAD, ARCH],
    [EQUAL, machine.audit, undefined, 'kill'],
    [LOAD, NUMBER],
    ...(machine.foreignFrom === null ? [] : ([[AT_LEAST, machine.foreignFrom, 'deny']] as Line[])),
    [EQUAL, socket!, 'socket'],
    [EQUAL, ioctl!, 'ioctl'],
    [EQUAL, clone!, 'clone'],
    // Its flags lie in memory, where a filter cannot look: callers fall back on clone.
    [EQUAL, clone3!, 'unknown'],
    ...Object.values(denied).map((number): Line => [EQUAL, number, 'deny']),
    [RETURN, ALLOW],
    'socket',
    [LOAD, argument(0)],
    ...[AF_INET, AF_INET6, AF_NETLINK].map((family): Line => [EQUAL, family, 'allow']),
    [EQUAL, AF_UNIX, unixSockets ? 'allow' : 'deny'],
    [RETURN, errno(EAFNOSUPPORT)],
    'ioctl',
    [LOAD, argument(1)],
    [EQUAL, TIOCSTI, 'deny'],
    [EQUAL, TIOCLINUX, 'deny', 'allow'],
    'clone',
    [LOAD, argument(0)],
    [ANY_BIT, NEW_NAMESPACE, 'deny', 'allow'],
    'allow',
    [RETURN, ALLOW],
    'deny',
    [RETURN, errno(EPERM)],
    'unknown',
    [RETURN, errno(ENOSYS)],
    'kill',
    [RETURN, KILL],
  ])
}

/** Eight bytes per instruction; a jump counts the instructions it leaves out. */
function assemble(lines: Line[]): Buffer {
  const labels = new Map<string, number>()
  const code: Exclude<Line, string>[] = []
  for (const line of lines) {
    if (typeof line === 'string') labels.set(line, code.length)
    else code.push(line)
  }
  const program = Buffer.alloc(code.length * 8)
  code.forEach(([operation, value, ifTrue, ifFalse], index) => {
    const distance = (label: string | undefined) => (label === undefined ? 0 : labels.get(label)! - index - 1)
    program.writeUInt16LE(operation, index * 8)
    program.writeUInt8(distance(ifTrue), index * 8 + 2)
    program.writeUInt8(distance(ifFalse), index * 8 + 3)
    program.writeUInt32LE(value >>> 0, index * 8 + 4)
  })
  return program
}

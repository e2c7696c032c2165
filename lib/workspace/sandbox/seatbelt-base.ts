// What every sandboxed command on macOS may do, whatever its project: the part of the profile without a path of this machine.
// Nothing is allowed that does not stand here or in seatbelt-profile.ts; of two rules the later one counts.

/**
 * Programs start programs, which stay in the same sandbox, and see and signal each other alone. Those that would become root
 * (sudo, su, ps) do not start at all in a sandbox of one's own: that needs no rule.
 */
const PROCESSES = `(allow process-fork)
(allow process-exec)
(allow process-info* (target same-sandbox))
(allow signal (target same-sandbox))
(allow file-map-executable)`

/**
 * Services of the system, by name, because each is another program that does something for whoever asks. Users and groups by
 * number, and where the temporary folder is: without the last, git and cc of /usr/bin are slow and noisy. Left out on purpose,
 * because they lead out: launchd and LaunchServices (start programs outside), AppleEvents (remote-control them), the pasteboard,
 * key chains (SecurityServer, securityd), preferences (cfprefsd), FSEvents (names of files everywhere), the window server.
 */
const SERVICES = `(allow mach-lookup
  (global-name "com.apple.bsd.dirhelper")
  (global-name "com.apple.system.opendirectoryd.libinfo")
  (global-name "com.apple.system.opendirectoryd.membership"))
(deny appleevent-send)`

/** What the machine is like, by name: kern.procargs2, for one, would tell the environment of the server. */
const MACHINE = `(allow sysctl-read
  (sysctl-name-prefix "hw.")
  (sysctl-name-prefix "machdep.cpu.")
  (sysctl-name-prefix "kern.os")
  (sysctl-name-prefix "net.routetable.")
  (sysctl-name "kern.argmax")
  (sysctl-name "kern.boottime")
  (sysctl-name "kern.clockrate")
  (sysctl-name "kern.hostname")
  (sysctl-name "kern.ipc.somaxconn")
  (sysctl-name "kern.maxfiles")
  (sysctl-name "kern.maxfilesperproc")
  (sysctl-name "kern.maxproc")
  (sysctl-name "kern.ngroups")
  (sysctl-name "kern.secure_kernel")
  (sysctl-name "kern.tcsm_available")
  (sysctl-name "kern.tcsm_enable")
  (sysctl-name "kern.usrstack64")
  (sysctl-name "kern.version")
  (sysctl-name "machdep.ptrauth_enabled")
  (sysctl-name "security.mac.lockdown_mode_state")
  (sysctl-name "sysctl.proc_cputype")
  (sysctl-name "sysctl.proc_native")
  (sysctl-name "sysctl.proc_translated")
  (sysctl-name "vm.loadavg")
  (sysctl-name "vm.swapusage"))
; Read by the JVM and by V8, which count as writing because they hand over a buffer.
(allow sysctl-write
  (sysctl-name "kern.grade_cputype")
  (sysctl-name "kern.tcsm_enable"))`

/** Locks and memory that the processes of a command share; not the system's own, in which preferences stand. */
const SHARED = `(allow ipc-posix-sem)
(allow ipc-posix-shm)
(deny ipc-posix-shm (ipc-posix-name-prefix "apple."))`

/** No terminal: those of the person are devices like any other. A new one, for programs that want to be in one, is the command's. */
const DEVICES = `(allow file-read-metadata (subpath "/dev"))
(allow file-read*
  (literal "/dev")
  (literal "/dev/null")
  (literal "/dev/zero")
  (literal "/dev/random")
  (literal "/dev/urandom")
  (literal "/dev/autofs_nowait")
  (literal "/dev/dtracehelper")
  (literal "/dev/stdin")
  (literal "/dev/stdout")
  (literal "/dev/stderr")
  (subpath "/dev/fd"))
(allow file-write-data
  (literal "/dev/null")
  (literal "/dev/zero")
  (literal "/dev/dtracehelper")
  (literal "/dev/stdout")
  (literal "/dev/stderr")
  (subpath "/dev/fd"))
(allow file-ioctl
  (literal "/dev/null")
  (literal "/dev/zero")
  (literal "/dev/random")
  (literal "/dev/urandom")
  (literal "/dev/dtracehelper"))
(allow pseudo-tty)
(allow file-read* file-write* file-ioctl (literal "/dev/ptmx"))
(allow file-read* file-write* file-ioctl
  (require-all (regex #"^/dev/ttys[0-9]+$") (extension "com.apple.sandbox.pty")))`

/** The loader lists the root; /etc, /tmp and /var are links there. */
const ROOT = `(allow file-read-data (literal "/"))
(allow file-read-metadata
  (literal "/")
  (literal "/etc")
  (literal "/tmp")
  (literal "/var")
  (literal "/private")
  (literal "/private/tmp")
  (literal "/private/var"))`

export const SEATBELT_BASE = [
  '(version 1)',
  '(deny default)',
  PROCESSES,
  SERVICES,
  MACHINE,
  SHARED,
  DEVICES,
  ROOT,
].join('\n')

/**
 * Only addresses: a Unix socket may be that of Docker or of ssh-agent. Names are resolved and certificates judged by services,
 * which go out themselves, so they are there with the network alone.
 */
export const SEATBELT_NETWORK = `(allow network-outbound (remote ip "*:*"))
(allow network-bind (local ip "*:*"))
(allow network-inbound (local ip "*:*"))
(allow network-outbound (remote unix-socket (subpath "/private/var/run/mDNSResponder")))
(allow system-socket (require-all (socket-domain AF_SYSTEM) (socket-protocol 2)))
(allow mach-lookup
  (global-name "com.apple.dnssd.service")
  (global-name "com.apple.networkd")
  (global-name "com.apple.ocspd")
  (global-name "com.apple.SystemConfiguration.configd")
  (global-name "com.apple.SystemConfiguration.DNSConfiguration")
  (global-name "com.apple.trustd")
  (global-name "com.apple.trustd.agent"))
(allow file-read* (literal "/private/var/run/resolv.conf"))`

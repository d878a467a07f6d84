/** Constants of the Linux user-space interface, under the names of the C headers. */

/** The processor architectures for which the constants are known, as `Deno.build.arch` spells them. */
type Architecture = "x86_64" | "aarch64";

/** A value that differs between the architectures' headers. */
function perArchitecture(values: Readonly<Record<Architecture, number>>): number {
  const arch: string = Deno.build.arch;
  if (arch === "x86_64" || arch === "aarch64") return values[arch];
  throw new Error(`netns knows the system call interface of x86_64 and aarch64 Linux, not of ${arch}`);
}

// fcntl.h, asm/fcntl.h
export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_NOCTTY = 0o400;
export const O_TRUNC = 0o1000;
export const O_NONBLOCK = 0o4000;
export const O_ASYNC = 0o20000;
export const O_CLOEXEC = 0o2000000;
/** Only names the file: it cannot be read, and its driver does not open it. */
export const O_PATH = 0o10000000;
/** A function, as the two architectures number this flag differently. */
export const oDirectory = (): number => perArchitecture({ x86_64: 0o200000, aarch64: 0o40000 });
/** See {@linkcode oDirectory}. */
export const oNofollow = (): number => perArchitecture({ x86_64: 0o400000, aarch64: 0o100000 });
export const F_SETFD = 2;
export const F_GETFL = 3;
export const F_SETFL = 4;
export const F_SETOWN = 8;
export const F_SETSIG = 10;
export const F_DUPFD_CLOEXEC = 1030;
export const AT_FDCWD = -100;
export const AT_EMPTY_PATH = 0x1000;
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const AT_EACCESS = 0x200;

// unistd.h
export const W_OK = 2;

// time.h
export const CLOCK_MONOTONIC_COARSE = 6;

// sys/eventfd.h
/** Each read takes 1. */
export const EFD_SEMAPHORE = 1;

// sys/inotify.h
export const IN_MOVED_FROM = 0x40;
export const IN_MOVED_TO = 0x80;
export const IN_CREATE = 0x100;
export const IN_DELETE = 0x200;
export const IN_DELETE_SELF = 0x400;
export const IN_MOVE_SELF = 0x800;
export const IN_ONLYDIR = 0x01000000;

// sys/file.h
export const LOCK_EX = 2;
export const LOCK_NB = 4;

// asm/unistd.h
export const sysStatx = (): number => perArchitecture({ x86_64: 332, aarch64: 291 });
export const sysGetdents64 = (): number => perArchitecture({ x86_64: 217, aarch64: 61 });

// linux/stat.h
export const STATX_BASIC_STATS = 0x7ff;
export const S_IFMT = 0o170000;
export const S_IFDIR = 0o040000;
export const S_IFREG = 0o100000;
export const S_IFSOCK = 0o140000;
export const S_IFLNK = 0o120000;

// limits.h
/** The longest path that a system call takes, with its NUL, in bytes. */
export const PATH_MAX = 4096;

// sys/statvfs.h
export const ST_RDONLY = 1;

// sys/resource.h, asm-generic/resource.h
export const RLIMIT_NOFILE = 7;

// signal.h, asm/signal.h
export const SIG_DFL = 0;
export const SIG_IGN = 1;
export const SIG_SETMASK = 2;
export const SIGKILL = 9;
export const SIGPIPE = 13;
export const SIGXFSZ = 25;

// sys/prctl.h
export const PR_SET_PDEATHSIG = 1;

// sys/mount.h
export const MS_RDONLY = 1;
export const MS_NOSUID = 2;
export const MS_NODEV = 4;
export const MS_NOEXEC = 8;
export const MS_SLAVE = 0x80000;
export const MS_BIND = 4096;
export const MS_REC = 16384;
export const MS_SHARED = 0x100000;
export const MNT_DETACH = 2;
export const UMOUNT_NOFOLLOW = 8;

// sched.h
export const CLONE_NEWTIME = 0x00000080;
export const CLONE_NEWNS = 0x00020000;
export const CLONE_NEWCGROUP = 0x02000000;
export const CLONE_NEWUTS = 0x04000000;
export const CLONE_NEWIPC = 0x08000000;
export const CLONE_NEWUSER = 0x10000000;
export const CLONE_NEWPID = 0x20000000;
export const CLONE_NEWNET = 0x40000000;

// linux/magic.h, linux/nsfs.h
export const NSFS_MAGIC = 0x6e736673;
export const NS_GET_NSTYPE = 0xb703;

// sys/socket.h
export const AF_UNSPEC = 0;
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_BRIDGE = 7;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const AF_PACKET = 17;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_CLOEXEC = 0o2000000;
export const SOCK_NONBLOCK = 0o4000;
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_ERROR = 4;
export const SO_RCVBUF = 8;
export const SO_RCVTIMEO = 20;
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;
export const SO_ATTACH_FILTER = 26;
export const SO_NETNS_COOKIE = 71;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;

// sys/mman.h
export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const MAP_SHARED = 1;
export const MAP_PRIVATE = 2;
export const MAP_ANONYMOUS = 0x20;

// linux/if_packet.h, linux/if_ether.h
export const SOL_PACKET = 263;
export const PACKET_RX_RING = 5;
export const PACKET_STATISTICS = 6;
export const PACKET_VERSION = 10;
export const TPACKET_V3 = 2;
export const ETH_P_ALL = 3;

// netinet/in.h
export const IPPROTO_ICMP = 1;
export const IPPROTO_IPV6 = 41;
export const IPPROTO_ICMPV6 = 58;
export const IPV6_V6ONLY = 26;

// linux/if.h
/** The size of struct ifreq: a name, and behind it what the request is about. */
export const IFREQ = 40;
/** The longest name of a link, with its NUL, in bytes. */
export const IFNAMSIZ = 16;

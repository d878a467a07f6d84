/**
 * The one table of libc functions. `Deno.dlopen` takes it as it is; the Node backend (`node/deno.ts`) reads it for
 * koffi.
 *
 * No function that changes its thread is `nonblocking`: such a call runs on a thread of the runtime's pool, and a
 * `setns` there would leave that thread in a foreign namespace for the rest of the process.
 *
 * `syscall(2)` replaces a wrapper that a C library lacks (musl before 1.2.5 has no `statx`, and none has a stable
 * `getdents64`); the numbers are in `constants.ts`. Variadic functions are declared with fixed parameters, which is the
 * same calling convention on x64 and on arm64 Linux.
 *
 * Counts (`ssize_t`, `long`) are below 2 GiB in Linux and are read as `i32`. A 64-bit result would be a bigint in Deno,
 * whose allocation between the call and the read of `errno` may start a garbage collection, which makes calls of its own.
 */
export const SYMBOLS = {
  // int *__errno_location(void);
  __errno_location: { parameters: [], result: "pointer" },
  // char *strerror(int errnum);
  strerror: { parameters: ["i32"], result: "pointer" },
  // char *getenv(const char *name);
  getenv: { parameters: ["buffer"], result: "pointer" },

  // int open(const char *pathname, int flags, mode_t mode);
  open: { parameters: ["buffer", "i32", "u32"], result: "i32" },
  // int faccessat(int dirfd, const char *pathname, int mode, int flags);
  faccessat: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" },
  // int close(int fd);
  close: { parameters: ["i32"], result: "i32" },
  // ssize_t read(int fd, void *buf, size_t count);
  read: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  // ssize_t write(int fd, const void *buf, size_t count);
  write: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  // void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset);
  mmap: { parameters: ["buffer", "usize", "i32", "i32", "i32", "isize"], result: "pointer" },
  // int munmap(void *addr, size_t length);
  munmap: { parameters: ["pointer", "usize"], result: "i32" },
  // int fcntl(int fd, int cmd, int arg);
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  // int flock(int fd, int operation);
  flock: { parameters: ["i32", "i32"], result: "i32" },
  // int ioctl(int fd, unsigned long request, void *argp);
  ioctl: { parameters: ["i32", "usize", "buffer"], result: "i32" },
  // int ioctl(int fd, unsigned long request, unsigned long arg); for requests whose argument is a number
  ioctlNumber: { name: "ioctl", parameters: ["i32", "usize", "usize"], result: "i32" },
  // int mkdir(const char *pathname, mode_t mode);
  mkdir: { parameters: ["buffer", "u32"], result: "i32" },
  // int rmdir(const char *pathname);
  rmdir: { parameters: ["buffer"], result: "i32" },
  // int unlink(const char *pathname);
  unlink: { parameters: ["buffer"], result: "i32" },
  // ssize_t readlink(const char *pathname, char *buf, size_t bufsiz);
  readlink: { parameters: ["buffer", "buffer", "usize"], result: "i32" },
  // int fstatfs(int fd, struct statfs *buf);
  fstatfs: { parameters: ["i32", "buffer"], result: "i32" },
  // int statfs(const char *path, struct statfs *buf);
  statfs: { parameters: ["buffer", "buffer"], result: "i32" },
  // long syscall(SYS_statx, int dirfd, const char *pathname, int flags, unsigned int mask, struct statx *buf);
  statx: { name: "syscall", parameters: ["isize", "i32", "buffer", "i32", "u32", "buffer"], result: "i32" },
  // long syscall(SYS_getdents64, unsigned int fd, void *dirp, unsigned int count);
  getdents64: { name: "syscall", parameters: ["isize", "u32", "buffer", "u32"], result: "i32" },

  // int inotify_init1(int flags);
  inotify_init1: { parameters: ["i32"], result: "i32" },
  // int inotify_add_watch(int fd, const char *pathname, uint32_t mask);
  inotify_add_watch: { parameters: ["i32", "buffer", "u32"], result: "i32" },

  // int mount(const char *source, const char *target, const char *fstype, unsigned long flags, const void *data);
  mount: { parameters: ["buffer", "buffer", "buffer", "usize", "buffer"], result: "i32" },
  // int umount2(const char *target, int flags);
  umount2: { parameters: ["buffer", "i32"], result: "i32" },

  // int setns(int fd, int nstype);
  setns: { parameters: ["i32", "i32"], result: "i32" },
  // int unshare(int flags);
  unshare: { parameters: ["i32"], result: "i32" },
  // uid_t geteuid(void);
  geteuid: { parameters: [], result: "u32" },

  // int execvp(const char *file, char *const argv[]);
  execvp: { parameters: ["buffer", "buffer"], result: "i32" },
  // char *strdup(const char *s), whose pointer is used as a number, in an array of pointers
  strdup: { parameters: ["buffer"], result: "usize" },
  // sighandler_t signal(int signum, sighandler_t handler);
  signal: { parameters: ["i32", "usize"], result: "usize" },
  // int sigprocmask(int how, const sigset_t *set, sigset_t *oldset);
  sigprocmask: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  // int setenv(const char *name, const char *value, int overwrite);
  setenv: { parameters: ["buffer", "buffer", "i32"], result: "i32" },
  // int unsetenv(const char *name);
  unsetenv: { parameters: ["buffer"], result: "i32" },
  // struct passwd *getpwnam(const char *name), whose pointer is used as a number
  getpwnam: { parameters: ["buffer"], result: "usize" },
  // struct passwd *getpwuid(uid_t uid)
  getpwuid: { parameters: ["u32"], result: "usize" },
  // struct group *getgrnam(const char *name)
  getgrnam: { parameters: ["buffer"], result: "usize" },
  // int initgroups(const char *user, gid_t group);
  initgroups: { parameters: ["buffer", "u32"], result: "i32" },
  // int setgroups(size_t size, const gid_t *list);
  setgroups: { parameters: ["usize", "buffer"], result: "i32" },
  // int setresgid(gid_t rgid, gid_t egid, gid_t sgid);
  setresgid: { parameters: ["u32", "u32", "u32"], result: "i32" },
  // int setresuid(uid_t ruid, uid_t euid, uid_t suid);
  setresuid: { parameters: ["u32", "u32", "u32"], result: "i32" },
  // void *memcpy(void *dest, const void *src, size_t n), from an address that is a number
  copyFrom: { name: "memcpy", parameters: ["buffer", "usize", "usize"], result: "pointer" },
  // size_t strlen(const char *s), at an address that is a number
  lengthAt: { name: "strlen", parameters: ["usize"], result: "usize" },
  // int prctl(int option, unsigned long arg2);
  prctl: { parameters: ["i32", "usize"], result: "i32" },
  // int prlimit(pid_t pid, int resource, const struct rlimit *new_limit, struct rlimit *old_limit);
  prlimit: { parameters: ["i32", "i32", "buffer", "buffer"], result: "i32" },

  // ssize_t getrandom(void *buf, size_t buflen, unsigned int flags);
  getrandom: { parameters: ["buffer", "usize", "u32"], result: "i32" },
  // int clock_getres(clockid_t clockid, struct timespec *res);
  clock_getres: { parameters: ["i32", "buffer"], result: "i32" },
  // int usleep(useconds_t usec);
  usleep: { parameters: ["u32"], result: "i32", nonblocking: true },
  // int eventfd(unsigned int initval, int flags);
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  // ssize_t read(int fd, void *buf, size_t count), on a thread of the pool
  parkOnRead: { name: "read", parameters: ["i32", "buffer", "usize"], result: "i32", nonblocking: true },
  // ssize_t write(int fd, const void *buf, size_t count), of what those threads wait for
  unparkByWrite: { name: "write", parameters: ["i32", "buffer", "usize"], result: "i32" },
  // int close(int fd), of what they waited for: at any time later, whatever is done then
  closeParking: { name: "close", parameters: ["i32"], result: "i32" },

  // int socket(int domain, int type, int protocol);
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  // int bind(int sockfd, const struct sockaddr *addr, socklen_t addrlen);
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  // int connect(int sockfd, const struct sockaddr *addr, socklen_t addrlen);
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  // int listen(int sockfd, int backlog);
  listen: { parameters: ["i32", "i32"], result: "i32" },
  // ssize_t send(int sockfd, const void *buf, size_t len, int flags);
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  // int poll(struct pollfd *fds, nfds_t nfds, int timeout);
  poll: { parameters: ["buffer", "usize", "i32"], result: "i32" },
  // ssize_t recv(int sockfd, void *buf, size_t len, int flags);
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "i32" },
  // ssize_t recvfrom(int sockfd, void *buf, size_t len, int flags, struct sockaddr *src_addr, socklen_t *addrlen);
  recvfrom: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "buffer"], result: "i32" },
  // int setsockopt(int sockfd, int level, int optname, const void *optval, socklen_t optlen);
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  // int getsockopt(int sockfd, int level, int optname, void *optval, socklen_t *optlen);
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  // int getsockname(int sockfd, struct sockaddr *addr, socklen_t *addrlen);
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
} as const;

/** The native types in JavaScript. As parameters, `usize` and `isize` take both kinds of number in both backends. */
interface NativeTypes {
  i32: number;
  u32: number;
  isize: number | bigint;
  usize: number | bigint;
  buffer: Uint8Array<ArrayBuffer> | null;
  pointer: Deno.PointerValue;
}

type Native<T> = T extends keyof NativeTypes ? NativeTypes[T] : never;

type Parameters<T extends readonly unknown[]> = { -readonly [I in keyof T]: Native<T[I]> };

interface Signature {
  readonly parameters: readonly unknown[];
  readonly result: unknown;
  readonly nonblocking?: true;
}

type Result<T extends Signature> = T extends { readonly nonblocking: true } ? Promise<Native<T["result"]>>
  : Native<T["result"]>;

type Callable<T extends Signature> = (...args: Parameters<T["parameters"]>) => Result<T>;

/** The functions of the table, callable. */
export type Functions = { readonly [K in keyof typeof SYMBOLS]: Callable<(typeof SYMBOLS)[K]> };

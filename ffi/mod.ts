/**
 * The only code that knows libc: typed wrappers of the system calls that the library makes. Every result is checked,
 * and a failure is a {@linkcode SyscallError}.
 */
export { type Account, accountById, accountByName, becomeUser, groupByName } from "./accounts.ts";
export { ticksPerSecond } from "./clock.ts";
export * from "./constants.ts";
export { environmentVariable, setEnvironmentVariable } from "./environment.ts";
export { errnoName, errnoText, SyscallError, type SyscallErrorOptions } from "./errors.ts";
export * from "./files.ts";
export { type DirectoryEvent, readEvents, watchDirectory } from "./inotify.ts";
export { type Failure, interceptLibc, type Interceptor, shareLibrary } from "./library.ts";
export { mapAnonymous, mapFile, type Mapping } from "./memory.ts";
export * from "./mounts.ts";
export * from "./namespaces.ts";
export * from "./process.ts";
export {
  fillPoolBeforeLeaving,
  fillThreadPool,
  startCollectorThreads,
  startProcessThreads,
  startThreadPool,
} from "./runtime_threads.ts";
export { memoize } from "./memoize.ts";
export { fillRandom } from "./random.ts";
export { bytesOfName, nameOfBytes } from "./raw_names.ts";
export * from "./runtime.ts";
export * from "./sockets.ts";
export type { Functions } from "./symbols.ts";
export {
  IFF_MULTI_QUEUE,
  IFF_NO_PI,
  IFF_TAP,
  IFF_TUN,
  IFF_TUN_EXCL,
  IFF_VNET_HDR,
  openTap,
  openTun,
  setTunGroup,
  setTunOwner,
  setTunPersistent,
} from "./tap.ts";
export { printable, quoted, utf8Length, visible } from "./text.ts";

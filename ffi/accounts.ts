/** The accounts and groups of the machine, by whatever the C library asks for them, and becoming a user. */
import { checked } from "./errors.ts";
import { libc } from "./library.ts";
import { cstring } from "./text.ts";

/** A user, as getpwnam(3) has it. */
export interface Account {
  /** Its name. */
  readonly name: string;
  /** Its number. */
  readonly uid: number;
  /** The number of its own group. */
  readonly gid: number;
  /** Its directory. */
  readonly home: string;
}

/** Where the fields of struct passwd are, in the C libraries of 64-bit machines. */
const PASSWD = { size: 48, name: 0, uid: 16, gid: 20, home: 32 } as const;
/** Where the number is in struct group. */
const GROUP = { size: 24, gid: 16 } as const;

/** The account of this name; undefined if there is none. See getpwnam(3). */
export function accountByName(name: string): Account | undefined {
  return accountAt(libc().functions.getpwnam(cstring(name)));
}

/** The account of this number; undefined if there is none. See getpwuid(3). */
export function accountById(uid: number): Account | undefined {
  return accountAt(libc().functions.getpwuid(uid));
}

/** The number of the group of this name; undefined if there is none. See getgrnam(3). */
export function groupByName(name: string): number | undefined {
  const address = libc().functions.getgrnam(cstring(name));
  return Number(address) === 0 ? undefined : structAt(address, GROUP.size).getUint32(GROUP.gid, true);
}

/**
 * Gives this process a user, a group and supplementary groups for good; what it may do as root is lost, unless the user is
 * root. All three user ids change, so there is no way back. See initgroups(3), setresgid(2), setresuid(2).
 *
 * @param account Whose groups the supplementary ones are; undefined: there are none.
 * @throws {SyscallError} `EPERM`: no CAP_SETGID, CAP_SETUID. `EINVAL`: the user namespace does not have the number.
 */
export function becomeUser(uid: number, gid: number, account: Account | undefined): void {
  const { functions, errno } = libc();
  if (account === undefined) checked("setgroups", functions.setgroups(0, null), errno[0]);
  else checked("initgroups", functions.initgroups(cstring(account.name), account.gid), errno[0]);
  checked("setresgid", functions.setresgid(gid, gid, gid), errno[0]);
  checked("setresuid", functions.setresuid(uid, uid, uid), errno[0]);
}

function accountAt(address: number | bigint): Account | undefined {
  if (Number(address) === 0) return undefined;
  const passwd = structAt(address, PASSWD.size);
  const textAt = (offset: number): string => stringAt(passwd.getBigUint64(offset, true));
  return {
    name: textAt(PASSWD.name),
    uid: passwd.getUint32(PASSWD.uid, true),
    gid: passwd.getUint32(PASSWD.gid, true),
    home: textAt(PASSWD.home),
  };
}

function structAt(address: number | bigint, size: number): DataView {
  const bytes = new Uint8Array(size);
  libc().functions.copyFrom(bytes, address, size);
  return new DataView(bytes.buffer);
}

function stringAt(address: bigint): string {
  const length = Number(libc().functions.lengthAt(address));
  return new TextDecoder().decode(new Uint8Array(structAt(address, length).buffer));
}

/** The user that a program is to be. */
import { type Account, accountById, accountByName, groupByName } from "../../ffi/mod.ts";

/** A user and groups, by their numbers. */
export interface Credentials {
  /** The user. */
  readonly uid: number;
  /** The group. */
  readonly gid: number;
  /** The account, whose groups are the supplementary ones; undefined: there is none, and so there are none. */
  readonly account: Account | undefined;
}

/** The number that means "unchanged" to setresuid(2); those above would wrap, and 4294967296 be root. */
const UNCHANGED = 0xffff_ffff;

/**
 * Looks a user and a group up, by name or number. A number that no account has needs a group.
 *
 * @throws {TypeError} There is no such user or group.
 */
export function credentialsOf(user: string | number, group?: string | number): Credentials {
  const account = accountOf(String(user));
  const uid = account?.uid ?? numberOf(user, "user");
  if (group !== undefined) return { uid, gid: groupOf(String(group)), account };
  if (account !== undefined) return { uid, gid: account.gid, account };
  throw new TypeError(`Cannot use ${shown(user)} as a user: no account has this number, so it needs a group too`);
}

/**
 * {@linkcode credentialsOf} of `USER` or `USER:GROUP`.
 *
 * @throws {TypeError} There is no such user or group.
 */
export function parseCredentials(text: string): Credentials {
  const colon = text.indexOf(":");
  return colon === -1 ? credentialsOf(text) : credentialsOf(text.slice(0, colon), text.slice(colon + 1));
}

/** The variables that tell a program who it is. */
export function variablesOf(
  { account }: Credentials,
): Readonly<Record<"HOME" | "USER" | "LOGNAME", string | undefined>> {
  return { HOME: account?.home ?? "/", USER: account?.name, LOGNAME: account?.name };
}

function accountOf(user: string): Account | undefined {
  return (isName(user) ? accountByName(user) : undefined) ?? (isNumber(user) ? accountById(Number(user)) : undefined);
}

function groupOf(group: string): number {
  return (isName(group) ? groupByName(group) : undefined) ?? numberOf(group, "group");
}

/** False for text that C would end before. */
const isName = (text: string): boolean => text !== "" && !text.includes("\0");

function numberOf(value: string | number, what: "user" | "group"): number {
  const text = String(value);
  if (isNumber(text)) return Number(text);
  const isDigits = /^-?\d+$/.test(text);
  const reason = isDigits ? `expected 0 to ${UNCHANGED - 1}` : text === "" ? "it is empty" : `there is no such ${what}`;
  throw new TypeError(`Cannot use ${shown(value)} as a ${what}: ${reason}`);
}

const isNumber = (text: string): boolean => /^\d{1,10}$/.test(text) && Number(text) < UNCHANGED;

const shown = (value: string | number): string => JSON.stringify(String(value));

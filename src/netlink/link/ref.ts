/** What links are called, and what they are found by. */
import { utf8Length } from "../../../ffi/mod.ts";
import { shown } from "../../errors.ts";

/** A link, by its name or by its index. */
export type LinkRef = { readonly name: string } | { readonly index: number };

/** The links that were put into a group. See `ip link set group` in ip-link(8). */
export interface LinkGroup {
  /** Its number; in 0 is every link at first. */
  readonly group: number;
}

/** The longest name of a link, in bytes: IFNAMSIZ without the NUL. Further names can be longer. */
export const LONGEST_NAME = 15;

/**
 * A name that a link can have; `%d` in it is a number that the kernel chooses.
 *
 * @throws {TypeError} The kernel would refuse it, and not say why.
 */
export function linkName(name: string): string {
  const length = utf8Length(name);
  if (length >= 1 && length <= LONGEST_NAME && name !== "." && name !== ".." && !/[/:\s\0]/.test(name)) return name;
  throw new TypeError(
    `Cannot use ${shown(name)} as the name of a link: ` +
      `expected 1 to ${LONGEST_NAME} bytes, no "/", ":" or white space, not "." or ".."`,
  );
}

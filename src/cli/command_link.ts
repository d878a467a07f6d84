/** The link LINK of a command. */
import { printable } from "../../ffi/mod.ts";
import { firstOf } from "../doctor/phrases.ts";
import { NetlinkError } from "../errors.ts";
import { type Namespace, namespaceToString } from "../namespace.ts";
import type { Link } from "../netlink/link/types.ts";
import type { Netlink } from "../netlink/netlink.ts";

/**
 * The link in `ns` that has a name, or has it as an alternative one.
 *
 * @throws {Error} There is none; the message names those that there are.
 */
export function commandLink(netlink: Netlink, ns: Namespace, name: string): Link {
  try {
    return netlink.getLink({ name });
  } catch (error) {
    if (!(error instanceof NetlinkError && error.code === "ENODEV")) throw error;
    const there = firstOf(netlink.listLinks().map((link) => printable(link.name)));
    throw new Error(`${printable(namespaceToString(ns))} has no link ${printable(name)}: it has ${there}`, {
      cause: error,
    });
  }
}

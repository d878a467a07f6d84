/** What `netns impair` does. */
import { printable } from "../../ffi/mod.ts";
import { IMPAIR_HANDLE } from "../configurator/ownership/records.ts";
import { asChange, impairmentOf, impairmentText, isChangeable, qdiscOf } from "../configurator/plan/impair_qdisc.ts";
import { type Impairment, readImpairment } from "../models/impair.ts";
import type { Namespace } from "../namespace.ts";
import type { Netlink } from "../netlink/netlink.ts";
import type { Qdisc } from "../netlink/tc/qdisc/types.ts";
import { ConfigError } from "../errors.ts";
import type { JsonOptions } from "./arguments.ts";
import { commandLink } from "./command_link.ts";
import { commandNamespace } from "./command_namespace.ts";
import { UsageError } from "./errors.ts";
import type { Io } from "./io.ts";
import { jsonText } from "./json_text.ts";

/** Where a link is, and its qdisc unless that is the kernel's own. */
interface Target {
  readonly netlink: Netlink;
  readonly index: number;
  readonly present: Qdisc | undefined;
}

/**
 * Sets, prints or takes away the impairment of a link.
 *
 * @param words `FIELD=VALUE` each, or `off`; none: what is there is printed.
 * @throws {UsageError} A word is neither.
 * @throws {Error} There is no such link, or somebody else has a qdisc there.
 * @throws {NetlinkError} The kernel has no netem.
 */
export async function impairLink(
  ns: Namespace,
  link: string,
  words: readonly string[],
  { json }: JsonOptions,
  io: Io,
): Promise<void> {
  const impairment = words.length === 0 || isOff(words) ? undefined : impairmentOfWords(words);
  using handle = await commandNamespace(ns);
  using netlink = handle.netlink();
  const { index } = commandLink(netlink, ns, link);
  const present = qdiscAt(netlink, index);
  if (words.length === 0) return print(present, json, io);
  if (present !== undefined && present.handle !== IMPAIR_HANDLE) {
    throw new Error(
      `${printable(link)} has a qdisc ${present.kind} that netns did not make: tc qdisc del dev ${
        printable(link)
      } root takes it away`,
    );
  }
  if (impairment === undefined) takeAway({ netlink, index, present });
  else impair({ netlink, index, present }, impairment);
  if (json) print(qdiscAt(netlink, index), json, io);
}

/** The qdisc that leads all that leaves a link, unless it is the kernel's own. */
const qdiscAt = (netlink: Netlink, index: number): Qdisc | undefined =>
  netlink.listQdiscs({ index }).find(({ parent, handle }) => parent === "root" && handle !== "0:");

const isOff = (words: readonly string[]): boolean => words.length === 1 && words[0] === "off";

/** The impairment of `FIELD=VALUE` words. */
function impairmentOfWords(words: readonly string[]): Impairment {
  const fields = words.map((word) => {
    const [, field, value] = /^([a-z]+)=(.+)$/.exec(word) ?? [];
    if (field !== undefined && value !== undefined) return [field, field === "limit" ? Number(value) : value] as const;
    throw new UsageError(`Cannot use ${printable(word)}: expected FIELD=VALUE, such as delay=20ms, or off alone`);
  });
  const twice = fields.find(([field], position) => fields.findIndex(([other]) => other === field) < position);
  if (twice !== undefined) throw new UsageError(`Cannot use ${twice[0]} twice: expected each field once`);
  try {
    return readImpairment(Object.fromEntries(fields));
  } catch (error) {
    const [issue] = error instanceof ConfigError ? error.issues : [];
    if (issue === undefined) throw error;
    const field = issue.path.split(".")[1];
    const word = words.find((one) => one.startsWith(`${field}=`)) ?? words.join(" ");
    throw new UsageError(`Cannot use ${printable(word)}: expected ${issue.expected}`);
  }
}

function print(present: Qdisc | undefined, json: boolean | undefined, io: Io): void {
  const impairment = present && impairmentOf(present);
  if (json) io.print(jsonText(impairment ?? null));
  else if (impairment !== undefined) io.print(impairmentText(impairment));
  else if (present !== undefined) io.print(`a qdisc ${present.kind}`);
}

function takeAway({ netlink, index, present }: Target): void {
  if (present !== undefined) netlink.deleteQdisc({ link: { index }, parent: "root", handle: IMPAIR_HANDLE });
}

function impair({ netlink, index, present }: Target, impairment: Impairment): void {
  const wanted = qdiscOf(impairment);
  const place = { link: { index }, parent: "root", handle: IMPAIR_HANDLE } as const;
  const qdisc = { ...wanted, ...place };
  if (present !== undefined && isChangeable(present, wanted)) {
    return netlink.replaceQdisc({ ...asChange(wanted), ...place });
  }
  takeAway({ netlink, index, present });
  try {
    netlink.addQdisc(qdisc);
  } catch (error) {
    if (present !== undefined) netlink.addQdisc(present); // nothing is set where the kernel lacks the kind
    throw error;
  }
}

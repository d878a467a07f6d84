/**
 * What a configuration owns, as its state file keeps it: one record for each object that it made, moved or adopted.
 *
 * A record names its object by what the kernel does not give away twice: the cookie of the namespace, the index and the
 * hardware address of a link, the key of a route. {@linkcode Claims} compares it with what is there.
 */
import type { LinkBefore, OptionsBefore, RouteBefore, VlanBefore } from "./prior_state.ts";
import type { Cookie } from "./cookie.ts";

/** A namespace in which a configuration has something. */
export interface NamespaceRecord {
  /** Its cookie. */
  readonly cookie: Cookie;
  /** How the configuration names it, as `namespaceToString` writes it: `"blue"`, `"PID:42"`. */
  readonly reference: string;
  /** The number of its inode on nsfs, for people. */
  readonly inode: string;
  /** True if this configuration made it, and deletes it. */
  readonly made: boolean;
  /** True until apply knows that it was made. */
  readonly intent?: true | undefined;
}

/** One end of a pair, or a link that has no other end. */
export interface LinkEnd {
  /** The item of the file that it is: `"interface left"`. */
  readonly item: string;
  /** Where it is. */
  readonly namespace: Cookie;
  /** Its number there; absent where the kernel was to choose it and a crash came first. */
  readonly index?: number | undefined;
  /** The name that this configuration gave it. */
  readonly name: string;
  /** The hardware address that it had when this configuration last set it. */
  readonly address?: string | undefined;
  /** The one before that, until it is known that the change was made. */
  readonly former?: string | undefined;
  /** The addresses that the file gave it. */
  readonly described?: readonly string[] | undefined;
  /** The entries that the file gave a VXLAN: `"MAC REMOTE"`. */
  readonly entries?: readonly string[] | undefined;
}

/** A link that this configuration made: of a pair, both ends. */
export interface LinkRecord {
  /** The tag of the union. */
  readonly kind: "link";
  /** What it is: `"veth"`. */
  readonly link: string;
  /** The link, and the other end of a pair. */
  readonly ends: readonly LinkEnd[];
  /** What stood in its place before `--adopt` took it: made again by destroy, where that can be. */
  readonly replaced?: readonly LinkBefore[] | undefined;
  /** The namespace in which it was made, and in which its UDP socket is, if that is not its own. */
  readonly birth?: Cookie | undefined;
  /** True until apply knows that it was made. */
  readonly intent?: true | undefined;
}

/** What a configuration set of a link that it uses, and gives back if it is still so. */
export interface UsedFields {
  /** Up or down. */
  readonly up?: boolean | undefined;
  /** Its largest packet, in bytes. */
  readonly mtu?: number | undefined;
  /** Its hardware address. */
  readonly address?: string | undefined;
  /** Its alias. */
  readonly alias?: string | undefined;
  /** The length of its transmit queue, in packets. */
  readonly txQueueLength?: number | undefined;
  /** The name of its bridge, bond or VRF; empty for none. */
  readonly master?: string | undefined;
  /** The index of that, which may have another name later; absent where it is not known. */
  readonly masterIndex?: number | undefined;
  /** Its options as a port of the bridge that it had. */
  readonly port?: OptionsBefore | undefined;
  /** The VLANs that it is in as a port of the bridge that it had. */
  readonly vlans?: readonly VlanBefore[] | undefined;
}

/**
 * A link that somebody else made and this configuration uses: a TAP that it borrows, a link that it adopted, a link of the
 * type EXISTING.
 */
export interface BorrowedRecord {
  /** The tag of the union. */
  readonly kind: "borrowed";
  /** What it is. */
  readonly link: string;
  /** Where it is now, and the other end of an adopted pair. */
  readonly ends: readonly LinkEnd[];
  /** What each end was, in the same order; given back by destroy. */
  readonly before: readonly LinkBefore[];
  /** Of a link that stays somebody else's (EXISTING): what was set of it; all else is left. */
  readonly used?: UsedFields | undefined;
  /** What was set of it before that, until it is known that the changes were made. */
  readonly formerly?: readonly UsedFields[] | undefined;
  /** True until apply knows that it was made. */
  readonly intent?: true | undefined;
}

/** A route that this configuration made. */
export interface RouteRecord {
  /** The tag of the union. */
  readonly kind: "route";
  /** The item of the file that it is for. */
  readonly item: string;
  /** The namespace that it is in. */
  readonly namespace: Cookie;
  /** The network it is for. */
  readonly destination: string;
  /** The routing table. */
  readonly table: number;
  /** The metric; 0 where the kernel shows none. */
  readonly metric: number;
  /** The mark that it has in the kernel: RTPROT_… of its maker. */
  readonly protocol: number;
  /** Of an intent for which nobody looked whether there is one: the index of the link by which it goes. */
  readonly link?: number | undefined;
  /** What stood in its place before `--adopt` replaced it. */
  readonly before?: RouteBefore | undefined;
  /** True until apply knows that it was made. */
  readonly intent?: true | undefined;
}

/** A neighbour that this configuration set. */
export interface NeighbourRecord {
  /** The tag of the union. */
  readonly kind: "neighbour";
  /** The item of the file that it is for. */
  readonly item: string;
  /** The namespace that it is in. */
  readonly namespace: Cookie;
  /** The index of the link. */
  readonly link: number;
  /** Its address. */
  readonly ip: string;
  /** The mark that it has in the kernel, RTPROT_… of its maker; absent: none, as of one that was there before. */
  readonly protocol?: number | undefined;
  /** What was known of it before `--adopt` changed it. */
  readonly before?:
    | { readonly address?: string | undefined; readonly state: string; readonly flags?: number | undefined }
    | undefined;
  /** True until apply knows that it was made. */
  readonly intent?: true | undefined;
}

/** A table of nf_tables that this configuration made. */
export interface TableRecord {
  /** The tag of the union. */
  readonly kind: "table";
  /** The item that it is for. */
  readonly item: string;
  /** The namespace that it is in. */
  readonly namespace: Cookie;
  /** Its family. */
  readonly family: string;
  /** Its name. */
  readonly table: string;
  /** Its comment in the kernel, which one that somebody else made in its place does not have. */
  readonly comment: string;
  /** True until apply knows that it was made. */
  readonly intent?: true | undefined;
}

/** A file that this configuration wrote. */
export interface FileRecord {
  /** The tag of the union. */
  readonly kind: "file";
  /** The item that it is for. */
  readonly item: string;
  /** The namespace that it is for. */
  readonly namespace: Cookie;
  /** Its path. */
  readonly path: string;
  /** What was written. */
  readonly text: string;
  /** What was written before that, until it is known that this was. */
  readonly formerly?: readonly string[] | undefined;
  /** What was in it before `--adopt` took it over. Absent: there was none. */
  readonly before?: string | undefined;
  /** How many directories above it were made for it: they go with it. Absent: none. */
  readonly folders?: number | undefined;
  /** True until apply knows that it was made. */
  readonly intent?: true | undefined;
}

/** The handle of the qdiscs that this program makes: those that the kernel chooses begin at 8001. */
export const IMPAIR_HANDLE = "6e6e:";

/** The qdisc at the root of a link, by which it impairs what leaves. Its handle says in the kernel that it is ours. */
export interface QdiscRecord {
  /** The tag of the union. */
  readonly kind: "qdisc";
  /** The item that it is for. */
  readonly item: string;
  /** The namespace of the link. */
  readonly namespace: Cookie;
  /** The index of the link. */
  readonly link: number;
  /** What it does, in words. */
  readonly impairment: string;
  /** The qdisc that stood in its place before `--adopt` replaced it, as JSON. */
  readonly before?: string | undefined;
  /** True until apply knows that it was made. */
  readonly intent?: true | undefined;
}

/** A rule, by all that identifies it. */
export interface RuleFields {
  /** The IP version of its packets. */
  readonly family: 4 | 6;
  /** The lowest comes first. */
  readonly priority: number;
  /** What it does. */
  readonly action: "lookup" | "blackhole" | "unreachable" | "prohibit";
  /** The table that is looked up. */
  readonly table?: number | undefined;
  /** The network of the source, with its prefix. */
  readonly src?: string | undefined;
  /** The network of the destination. */
  readonly dst?: string | undefined;
  /** It is for packets that do not fit. */
  readonly not?: true | undefined;
  /** The mark of its packets. */
  readonly fwmark?: number | undefined;
  /** Which bits of the mark count; absent: all. */
  readonly fwmask?: number | undefined;
  /** The name of the link by which they come. */
  readonly iif?: string | undefined;
  /** The name of the link to which their socket is bound. */
  readonly oif?: string | undefined;
  /** The users who send them. */
  readonly uidrange?: readonly [number, number] | undefined;
  /** The number of their protocol. */
  readonly ipproto?: number | undefined;
  /** Their source ports. */
  readonly sport?: readonly [number, number] | undefined;
  /** Their destination ports. */
  readonly dport?: readonly [number, number] | undefined;
  /** A route whose prefix is this long, or shorter, does not count. */
  readonly suppressPrefixlength?: number | undefined;
}

/** A rule that this configuration made. */
export interface RuleRecord {
  /** The tag of the union. */
  readonly kind: "rule";
  /** The item of the file that it is for. */
  readonly item: string;
  /** The namespace that it is in. */
  readonly namespace: Cookie;
  /** The rule. */
  readonly rule: RuleFields;
  /** True until apply knows that it was made. */
  readonly intent?: true | undefined;
}

/** A sysctl that this configuration set. */
export interface SysctlRecord {
  /** The tag of the union. */
  readonly kind: "sysctl";
  /** The item of the file that it is for. */
  readonly item: string;
  /** The namespace that it is in. */
  readonly namespace: Cookie;
  /** Its key: `"net.ipv4.ip_forward"`. */
  readonly key: string;
  /** Of a key of one link, the index of that, by whose name the key is called. */
  readonly link?: number | undefined;
  /** What this configuration set it to. */
  readonly value: string;
  /** What it was set to before that, until it is known that this was done. */
  readonly formerly?: readonly string[] | undefined;
  /** What it was before; absent where that was not known. */
  readonly before?: string | undefined;
  /** Of a key of all links: what those of single links were, by key, if it was something else. */
  readonly spread?: Readonly<Record<string, string>> | undefined;
  /** True until apply knows that it was set. */
  readonly intent?: true | undefined;
}

/** What a configuration owns of one object. */
export type ObjectRecord =
  | LinkRecord
  | BorrowedRecord
  | RouteRecord
  | NeighbourRecord
  | TableRecord
  | RuleRecord
  | SysctlRecord
  | QdiscRecord
  | FileRecord;

const OF_RULE = [
  ...["family", "priority", "action", "table", "src", "dst", "not", "iif", "oif", "uidrange"] as const,
  ...["ipproto", "sport", "dport", "suppressPrefixlength"] as const,
] satisfies readonly (keyof RuleFields)[];

/** What identifies a rule in its namespace, as text. */
export function ruleKey(rule: RuleFields): string {
  return JSON.stringify([...OF_RULE.map((name) => rule[name]), ...rule.fwmark ? [rule.fwmark, rule.fwmask] : []]);
}

/**
 * A record of a link that is gone, kept for what that had replaced, or was itself before: its place is taken for now.
 *
 * @param replaced What is made again.
 */
export function asLost(
  record: LinkRecord | BorrowedRecord,
  replaced: readonly LinkBefore[] | undefined = record.kind === "borrowed" ? record.before : record.replaced,
): LinkRecord {
  const ends = record.ends.map(({ item, namespace, name }) => ({ item, namespace, name }));
  return { kind: "link", link: record.link, ends, replaced };
}

/** True of a record that {@linkcode asLost} gave. */
export function isLost({ ends }: LinkRecord | BorrowedRecord): boolean {
  return ends.every(({ index, address }) => index === undefined && address === undefined);
}

/** The items of the file that a record is for. */
export function itemsOf(record: ObjectRecord): readonly string[] {
  return record.kind === "link" || record.kind === "borrowed" ? record.ends.map(({ item }) => item) : [record.item];
}

/** The namespaces that a record names. */
export function cookiesOf(record: ObjectRecord): readonly Cookie[] {
  if (record.kind === "borrowed") return [...record.ends, ...record.before].map(({ namespace }) => namespace);
  if (record.kind !== "link") return [record.namespace];
  return [...record.ends, ...record.replaced ?? []].map(({ namespace }) => namespace);
}

/** What `ip` and `tc` say of a namespace, as text that can be compared. */
import { spawnSync } from "node:child_process";
import type { NsHandle } from "@netns/netns";

/** Each prints one array of JSON. */
const QUESTIONS = ["address", "route show table all", "neighbour show nud all", "rule", "netconf"];

/** An object as `ip` prints it. */
type Printed = Record<string, unknown>;

/** Objects of the kernel as text, with the namespace that each is in. */
export type Snapshot = readonly string[];

/** What of `all` is not in `others`; the same object may be there more than once. */
export function without(all: Snapshot, others: Snapshot): string[] {
  const counts = new Map<string, number>();
  for (const one of others) counts.set(one, (counts.get(one) ?? 0) + 1);
  return all.filter((one) => {
    const count = counts.get(one) ?? 0;
    counts.set(one, count - 1);
    return count <= 0;
  });
}

/** The same without the numbers of links: one that was replaced and is made again has another where its own is taken. */
export function withoutNumbers(all: Snapshot): Snapshot {
  return all.map((one) => one.replaceAll(/"(ifindex|link_index|link_netnsid)":\d+,/g, ""));
}

/**
 * Everything in a namespace, one text for each object.
 *
 * @param options `hasQdiscs`: queueing disciplines as well. `setsUpLoopback`: without what comes when `lo` is set up.
 */
export function snapshot(
  name: string,
  ns: NsHandle,
  { hasQdiscs, setsUpLoopback }: { readonly hasQdiscs: boolean; readonly setsUpLoopback: boolean },
): Snapshot {
  const [links = [], routes = [], neighbours = [], ...rest] = [
    ...ask(ns, "ip", ["-d", "-j", "-batch", "-"], QUESTIONS.join("\n")),
    ...hasQdiscs ? ask(ns, "tc", ["-j", "qdisc"], "") : [],
  ];
  if (rest.length !== QUESTIONS.length - 3 + Number(hasQdiscs)) throw new Error(`ip printed ${rest.length} arrays`);
  const isLo = ({ dev }: Printed): boolean => setsUpLoopback && dev === "lo";
  const addressOf = new Map(links.map(({ ifname, address }) => [ifname, address]));
  // A link that was made anew has the same name, and mostly the same number.
  const onLink = (one: Printed): Printed => ({ ...one, linkAddress: addressOf.get(one["dev"] ?? one["interface"]) });
  return [
    ...links.map((link) => stableLink(link, setsUpLoopback)),
    ...routes.filter((one) => !isTransient(one) && !(isLo(one) && one["protocol"] === "kernel"))
      .map((one) => onLink(stableRoute(one))),
    ...neighbours.filter(isPermanent).map(onLink),
    ...rest.flat().filter((one) => !isLo(one) && !isNoQueue(one)).map(onLink),
  ].map((one) => `${name} ${JSON.stringify(one)}`);
}

/** The arrays that a program prints in a namespace: it is born there, which costs less than `ip -n`. */
function ask(ns: NsHandle, program: string, args: readonly string[], input: string): Printed[][] {
  const { stdout, stderr, status } = ns.run(() => spawnSync(program, args, { encoding: "utf8", input }));
  if (status !== 0 || stderr !== "") throw new Error(`${program}: ${status}: ${stderr}`);
  return stdout.split("\n").filter((line) => line.trim() !== "").map((line): Printed[] => JSON.parse(line));
}

function stableLink(link: Printed, setsUpLoopback: boolean): Printed {
  const { operstate: _, flags, addr_info, linkinfo, ...rest } = link;
  const addresses = listOf(addr_info).filter(({ local, scope }) => !(scope === "link" && /^fe80:/.test(String(local))))
    .map(({ tentative: _, ...address }) => address);
  if (link["ifname"] === "lo" && setsUpLoopback) {
    const own = addresses.filter(({ local }) => local !== "127.0.0.1" && local !== "::1");
    return { ifindex: rest["ifindex"], ifname: "lo", addresses: own };
  }
  const isPair = JSON.stringify(linkinfo ?? {}).includes('"info_kind":"veth"');
  const moving = isPair ? ["NO-CARRIER"] : ["NO-CARRIER", "LOWER_UP"];
  return {
    ...rest,
    flags: Array.isArray(flags) ? flags.filter((flag) => !moving.includes(flag)) : flags,
    linkinfo: JSON.parse(JSON.stringify(linkinfo ?? {}, (key, value) => (
      /_timer$/.test(key) || key === "state" ? undefined : value
    ))),
    addresses,
  };
}

const listOf = (value: unknown): Printed[] => Array.isArray(value) ? value : [];

/** True of what a virtual link has for a qdisc as soon as it was up once, and keeps when it is set down again. */
const isNoQueue = ({ kind, handle }: Printed): boolean => kind === "noqueue" && handle === "0:";

/** True of what the kernel makes and takes with the carrier of a link. */
function isTransient({ dst, protocol, table, pref }: Printed): boolean {
  if (protocol !== "kernel" || pref === undefined) return false; // of IPv4, or somebody's
  return table === "local" || /^f[ef]/.test(String(dst));
}

const stableRoute = ({ flags, ...route }: Printed): Printed => (
  { ...route, flags: Array.isArray(flags) ? flags.filter((flag) => flag !== "linkdown") : flags }
);

/** True of a neighbour that stays: the others come and go with the traffic and the carrier, those of NOARP too. */
const isPermanent = ({ state }: Printed): boolean => String(state) === "PERMANENT";

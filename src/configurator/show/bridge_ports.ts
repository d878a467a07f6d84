/** What a link is as a port of its bridge, as the file has it. */
import { defined } from "../../collections.ts";
import type { BridgePortFields, PortVlan } from "../../models/interface/bridge_port.ts";
import type { BridgeVlan } from "../../netlink/bridge/vlans.ts";
import type { Link } from "../../netlink/link/types.ts";
import type { Omissions } from "./omissions.ts";
import { otherOptions } from "./other_options.ts";
import type { ShownNamespace } from "./shown_namespace.ts";

/** The options of a port that a file says. */
const SAID = ["cost", "priority", "hairpin", "isolated", "learning", "flood"];
/** The cost of a port of 10 Gbit/s, as a pair has it. */
const VETH_COST = 2;
const USUAL_PRIORITY = 32;

/** The port that `link` is of `bridge`; undefined for one as the kernel makes it. */
export function shownPort(
  { namespace, vlans }: ShownNamespace,
  link: Link,
  bridge: Link,
  omissions: Omissions,
): BridgePortFields | undefined {
  const { cost, priority, hairpin, isolated, learning, flood } = link.port ?? {};
  for (const other of otherOptions("port", link.port ?? {}, SAID)) {
    omissions.add(`${namespace.reference}/${link.name}`, `without ${other} of it as a port`);
  }
  const port = defined({
    cost: cost === VETH_COST && link.kind === "veth" ? undefined : cost,
    priority: priority === USUAL_PRIORITY ? undefined : priority,
    hairpin: hairpin || undefined,
    isolated: isolated || undefined,
    learning: learning === false ? false : undefined,
    flood: flood === false ? false : undefined,
    vlans: shownVlans(vlans.filter((one) => one.linkIndex === link.index && !one.self), bridge),
  });
  return Object.keys(port).length === 0 ? undefined : port;
}

/** The VLANs of a port; undefined if it is in the one that its bridge puts a new port into. */
function shownVlans(vlans: readonly BridgeVlan[], { data }: Link): PortVlan[] | undefined {
  if (data?.kind !== "bridge" || data.vlanDefaultPvid === undefined) return undefined; // the kernel keeps none apart
  const pvid = data.vlanDefaultPvid;
  const [first] = vlans;
  const isUsual = pvid === 0
    ? first === undefined
    : vlans.length === 1 && first?.id === pvid && first.pvid && first.untagged;
  if (isUsual) return undefined;
  const runs: { from: number; to: number; pvid: boolean; untagged: boolean }[] = [];
  for (const { id, pvid, untagged } of [...vlans].sort((a, b) => a.id - b.id)) {
    const last = runs.at(-1);
    if (last?.to === id - 1 && !last.pvid && !pvid && last.untagged === untagged) last.to = id;
    else runs.push({ from: id, to: id, pvid, untagged });
  }
  return runs.map(({ from, to, pvid, untagged }) =>
    defined({ id: from === to ? from : `${from}-${to}`, pvid: pvid || undefined, untagged: untagged || undefined })
  );
}

/**
 * Reports what a file cannot say of the bridges of a namespace: their own VLANs, forwarding entries that somebody set, and
 * the carrier of one without ports, which it loses with the address that every link of a file is made with.
 */
export function reportBridges({ namespace, links, vlans, forwarding }: ShownNamespace, omissions: Omissions): void {
  for (const { index, name, data, up, lowerUp } of links) {
    if (data?.kind !== "bridge") continue;
    if (up && lowerUp && !links.some(({ master }) => master === index)) {
      const why = "without the carrier that a bridge without ports has until its hardware address is set";
      omissions.add(`${namespace.reference}/${name}`, why);
    }
    const pvid = data.vlanDefaultPvid ?? 0;
    const own = vlans.filter((one) => one.linkIndex === index && one.self);
    const isUsual = pvid === 0 ? own.length === 0 : own.length === 1 && own[0]?.id === pvid && own[0].pvid;
    if (data.vlanDefaultPvid !== undefined && !isUsual) {
      omissions.add(`${namespace.reference}/${name}`, "without the VLANs of the bridge itself");
    }
  }
  const addresses = new Set(links.map(({ address }) => address));
  for (const { linkIndex, master, address, state, self } of forwarding) {
    const isSet = master !== undefined && !self && (state === "permanent" || state === "static");
    if (!isSet || addresses.has(address)) continue;
    const port = links.find(({ index }) => index === linkIndex)?.name ?? linkIndex;
    omissions.add(`${address} behind ${port} in ${namespace.label}`, "a forwarding entry of a bridge");
  }
}

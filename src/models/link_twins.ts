/**
 * What the kernel takes but once, and what it does not take beside each other: the number of a VLAN on its link, that of a
 * VXLAN or GENEVE, the ends of a tunnel; what stands on one link.
 */
import { familyOf } from "../ip/address.ts";
import { isLinkLocal6 } from "../ip/arithmetic.ts";
import { IPVLAN_MODE, MACVLAN_MODE } from "../netlink/constants/link.ts";
import type { Fault, Item } from "./item_faults.ts";
import type { LinuxInterface } from "./interface/linux_interface.ts";
import { parentOf, particularOf } from "./interface/interface_types.ts";
import { type InterfaceIndex, namespaceOfItem } from "./references.ts";

/** The ports that the kernel takes where none is given. */
const VXLAN_PORT = 8472, GENEVE_PORT = 6081;

/** What a link is for the kernel besides its name: the field by which it differs, and where another one is in its way. */
interface Identity {
  readonly key: string;
  readonly field: string;
  readonly expected: string;
}

/** A fault for each link that the kernel refuses because of one before it. */
export function* sameIdentity(interfaces: readonly Item<LinuxInterface>[], known: InterfaceIndex): Generator<Fault> {
  const first = new Map<string, Item<LinuxInterface>>();
  for (const item of interfaces) {
    const { index, value } = item;
    const identity = identityOf(value, known);
    if (identity === undefined) continue;
    const { key, field, expected } = identity;
    const before = first.get(key);
    const object = particularOf(value) ?? "";
    if (before === undefined) first.set(key, item);
    else if (before.value.name !== value.name) { // two of one name: reported already
      const fields: unknown = Object.entries(value).find(([name]) => name === object)?.[1];
      yield {
        keys: ["interfaces", index, object, field],
        value: Object.entries(fields ?? {}).find(([name]) => name === field)?.[1],
        expected: `${expected}; ${before.path ?? `interfaces[${before.index}]`} has the same`,
        other: before.index,
      };
    }
  }
}

function identityOf(value: LinuxInterface, known: InterfaceIndex): Identity | undefined {
  const { vlan, vxlan, geneve, tunnel } = value;
  const below = known.parentOf(value);
  const birth = known.keyOf(namespaceOfItem(below ?? value));
  const parent = `${birth} ${below?.hostIfName ?? parentOf(value) ?? ""}`;
  const identity = (field: string, expected: string, ...parts: readonly unknown[]): Identity => (
    { field, expected, key: `${value.type} ${parts.join(" ")}` }
  );
  if (vlan !== undefined) {
    return identity("id", "another number on the same link", parent, vlan.protocol ?? "802.1Q", vlan.id);
  }
  if (vxlan !== undefined) {
    const { id, port = VXLAN_PORT, local, remote, group } = vxlan;
    const isOfLink = [local, remote].some((text) => text !== undefined && isLinkLocal6(text));
    const family = familyOf(remote ?? group ?? local ?? "0.0.0.0");
    const where = isOfLink ? parent : birth;
    return identity("id", "another number or port in the same namespace", where, family, port, id);
  }
  if (geneve !== undefined) {
    const { id, port = GENEVE_PORT, remote } = geneve;
    return identity("id", "another number, port or remote in the same namespace", birth, port, id, remote);
  }
  if (tunnel !== undefined) {
    const { mode, local, remote, key } = tunnel;
    const field = remote === undefined ? "mode" : "remote";
    return identity(field, "other ends, or another key", parent, mode, local, remote, key);
  }
  return undefined;
}

/**
 * A link hands its packets to MACVLANs or to IPVLANs; the kernel keeps one mode for all IPVLANs of it, and a MACVLAN in
 * the mode passthru has it for itself.
 */
export function* sharing(interfaces: readonly Item<LinuxInterface>[], known: InterfaceIndex): Generator<Fault> {
  const first = new Map<string, Item<LinuxInterface>>();
  for (const item of interfaces) {
    const { index, value } = item;
    if (value.type !== "IPVLAN" && value.type !== "MACVLAN") continue;
    const key = lowest(value, known);
    const other = first.get(key);
    if (other === undefined) {
      first.set(key, item);
      continue;
    }
    const [mode, theirs] = [modeOf(value), modeOf(other.value)];
    const object = ["interfaces", index, particularOf(value) ?? ""];
    const keys = [...object, "mode"];
    const of = `interfaces[${other.index}], which stands on the same link`;
    if (value.type !== other.value.type) {
      const expected = `a link without ${value.type === "IPVLAN" ? "a MACVLAN" : "an IPVLAN"}; not that of ${of}`;
      yield { keys: [...object, "parent"], value: parentOf(value), expected, other: other.index };
    } else if (value.type === "IPVLAN" && mode !== theirs) {
      yield { keys, value: mode, expected: `${theirs}, as ${of}`, other: other.index };
    } else if (value.type === "MACVLAN" && [mode, theirs].includes("passthru")) {
      const expected = `a link for itself in the mode passthru; not that of ${of}`;
      yield { keys, value: mode, expected, other: other.index };
    }
  }
}

const modeOf = ({ ipvlan, macvlan }: LinuxInterface): string =>
  ipvlan?.mode ?? macvlan?.mode ?? (ipvlan ? IPVLAN_MODE : MACVLAN_MODE);

/** What one on another of its type stands on: the link below that. */
function lowest(value: LinuxInterface, known: InterfaceIndex): string {
  const seen = new Set<LinuxInterface>();
  let at = value;
  let below = known.parentOf(at);
  while (below?.type === value.type && !seen.has(below)) {
    seen.add(below);
    at = below;
    below = known.parentOf(at);
  }
  return known.linkKey(namespaceOfItem(below ?? at), below?.hostIfName ?? parentOf(at) ?? "");
}

/** Links that a file cannot make: those that are there (EXISTING), and `lo`. */
import { defined } from "../../collections.ts";
import type { BridgePortFields } from "../../models/interface/bridge_port.ts";
import type { InterfaceInput } from "../../models/interface/linux_interface.ts";
import { isUnicastMac, MTU_MIN } from "../../models/values.ts";
import type { Link } from "../../netlink/link/types.ts";
import { linkAt } from "../observed/lookup.ts";
import { addedAddresses } from "../ownership/added_addresses.ts";
import { hasRecordedAddress } from "../ownership/record_keys.ts";
import type { BorrowedRecord, ObjectRecord, UsedFields } from "../ownership/records.ts";
import { shownAddresses } from "./addresses.ts";
import { shownPort } from "./bridge_ports.ts";
import type { Omissions } from "./omissions.ts";
import { otherOptions } from "./other_options.ts";
import { shownImpairment } from "./qdiscs.ts";
import { fileName, type ShownNamespace } from "./shown_namespace.ts";

type NameOf = (shown: ShownNamespace, index: number) => string | undefined;

/** The links that a configuration uses and did not make, by what it recorded. */
export class UsedLinks {
  readonly #records: readonly ObjectRecord[];

  /** Those of these records. */
  constructor(records: readonly ObjectRecord[]) {
    this.#records = records;
  }

  /** What is recorded of a link that somebody else made: one that is used as it is, or a TAP of a program that was moved. */
  recordOf({ namespace }: ShownNamespace, { index, name }: Link): BorrowedRecord | undefined {
    const link = linkAt(namespace, index);
    return this.#records.find((one): one is BorrowedRecord => {
      const [end] = one.kind === "borrowed" ? one.ends : [];
      return one.kind === "borrowed" && link !== undefined && end !== undefined &&
        end.namespace === namespace.cookie && end.index === index && hasRecordedAddress(one, namespace, link) &&
        (one.used !== undefined || isMovedTap(one, name));
    });
  }

  /** What the configuration's qdisc of a link does, in words; undefined if it is not the configuration's. */
  impairmentOf({ namespace }: ShownNamespace, { index }: Link): string | undefined {
    return this.#records.flatMap((one) =>
      one.kind === "qdisc" && one.namespace === namespace.cookie && one.link === index ? [one.impairment] : []
    )[0];
  }
}

const isMovedTap = ({ link, ends: [end], before: [before] }: BorrowedRecord, name: string): boolean =>
  link === "tun" && before !== undefined && (before.namespace !== end?.namespace || before.name !== name);

/** A link that is there and that no configuration uses: all that an item of the type EXISTING can say of it. */
export function existingOf(shown: ShownNamespace, link: Link, nameOf: NameOf, omissions: Omissions): InterfaceInput {
  const { mtu, alias, master, up } = link;
  return defined({
    name: fileName(shown, link),
    type: "EXISTING",
    namespace: shown.namespace.reference,
    hostIfName: link.name,
    enabled: up,
    description: alias,
    mtu: mtu < MTU_MIN ? undefined : mtu,
    ipAddresses: shownAddresses(shown, link, omissions),
    master: master === undefined ? undefined : nameOf(shown, master),
    impair: shownImpairment(shown, link, fileName(shown, link), omissions),
  });
}

/** A link that is used: what the configuration gave it, and nothing of what else it has. */
export function usedOf(
  shown: ShownNamespace,
  link: Link,
  record: BorrowedRecord,
  own: UsedLinks,
  nameOf: NameOf,
  omissions: Omissions,
): InterfaceInput {
  const { used, before: [before] } = record;
  const recorded = own.impairmentOf(shown, link);
  const { namespace } = shown;
  const { up, master } = link;
  const name = fileName(shown, link);
  const common = defined({
    name,
    namespace: namespace.reference,
    hostIfName: link.name,
    enabled: up,
    impair: recorded === undefined ? undefined : shownImpairment(shown, link, name, omissions, recorded),
  });
  if (used === undefined) {
    return defined({
      ...common,
      type: "AUTO_TAP",
      ...fieldsOf(link, (field) => link[field] !== before?.[field]),
      ipAddresses: shownAddresses(shown, link, omissions),
      master: master === undefined ? undefined : nameOf(shown, master),
      bridgePort: portOf(shown, link, { master: "" }, omissions),
      tap: defined({ tempIfName: before?.name }),
    });
  }
  const addresses = addedAddresses(namespace, link.index, record);
  return defined({
    ...common,
    type: "EXISTING",
    ...fieldsOf(link, (field) => used[field] !== undefined),
    ipAddresses: addresses.length === 0 ? undefined : addresses,
    master: used.master === undefined ? undefined : master === undefined ? null : nameOf(shown, master),
    bridgePort: portOf(shown, link, used, omissions),
  });
}

/** The fields that a link has by itself and that can be set, but for whether it is up. */
type Field = "alias" | "mtu" | "address" | "txQueueLength";

/** Those of the fields of a link that are to be shown, as the file has them. */
function fieldsOf(
  { alias = "", mtu, address, txQueueLength }: Link,
  isShown: (field: Field) => boolean,
): Pick<InterfaceInput, "description" | "mtu" | "physAddress" | "txQueueLength"> {
  return {
    description: isShown("alias") ? alias : undefined,
    mtu: isShown("mtu") && mtu >= MTU_MIN ? mtu : undefined,
    physAddress: isShown("address") && address !== undefined && isUnicastMac(address) ? address : undefined,
    txQueueLength: isShown("txQueueLength") ? txQueueLength : undefined,
  };
}

/** What a configuration set of a port of a bridge. */
function portOf(
  shown: ShownNamespace,
  link: Link,
  { master, port, vlans }: UsedFields,
  omissions: Omissions,
): BridgePortFields | undefined {
  const bridge = shown.links.find(({ index }) => index === link.master);
  if (bridge?.kind !== "bridge") return undefined;
  const whole = shownPort(shown, link, bridge, omissions);
  if (master !== undefined) return whole;
  const now: Readonly<Record<string, unknown>> = { ...link.port };
  const options = Object.fromEntries(Object.keys(port ?? {}).map((name) => [name, now[name]]));
  const own: BridgePortFields = defined({ ...options, vlans: vlans === undefined ? undefined : whole?.vlans });
  return Object.keys(own).length === 0 ? undefined : own;
}

/** What the kernel gives `lo`. */
const OF_LOOPBACK = {
  mtu: 65_536,
  txQueueLength: 1000,
  alias: "",
  address: "00:00:00:00:00:00",
} as const satisfies Record<Field, unknown>;

/** The loopback link, if it is not as every namespace has it, or a configuration set something of it. */
export function loopbackOf(
  shown: ShownNamespace,
  link: Link,
  record: BorrowedRecord | undefined,
  own: UsedLinks,
  omissions: Omissions,
): InterfaceInput[] {
  const name = fileName(shown, link);
  const ipAddresses = shownAddresses(shown, link, omissions);
  for (const one of otherFields(link)) omissions.add(name, `without ${one}`);
  const particular = defined({
    ...fieldsOf(link, (field) => (link[field] ?? "") !== OF_LOOPBACK[field] || record?.used?.[field] !== undefined),
    ipAddresses: ipAddresses.length === 0 ? undefined : ipAddresses,
    impair: shownImpairment(shown, link, name, omissions, own.impairmentOf(shown, link)),
  });
  if (link.up && Object.keys(particular).length === 0) return [];
  return [{
    name,
    type: "LOOPBACK",
    namespace: shown.namespace.reference,
    hostIfName: link.name,
    enabled: link.up,
    ...particular,
  }];
}

/** What a file cannot say of any link, in words. */
export function otherFields({ altNames, group, promisc, allmulti, mtu, bondPort }: Link): string[] {
  return [
    ...bondPort === undefined ? [] : otherOptions("bondPort", bondPort, []),
    ...altNames.map((one) => `alternative name ${one}`),
    ...group === undefined ? [] : [`group ${group}`],
    ...mtu < MTU_MIN ? [`mtu ${mtu}`] : [],
    ...promisc ? ["promiscuous"] : [],
    ...allmulti ? ["all multicast"] : [],
  ];
}

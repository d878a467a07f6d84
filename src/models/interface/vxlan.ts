/** The models of virtual networks over UDP: VXLAN and GENEVE. */
import { familyOf, parseIp } from "../../ip/address.ts";
import { isMulticast } from "../../ip/arithmetic.ts";
import { type Field, flag, integer, label, list, message, optional, text } from "../fields.ts";
import { ifThen, isGiven, sameFamily } from "../json_schema.ts";
import { hostIp, mac } from "../values.ts";

/** An entry of the forwarding table of a VXLAN. */
export interface VxlanEntry {
  /** The hardware address; zeros are all others. */
  readonly mac: string;
  /** The other end behind which it is. */
  readonly remote: string;
}

/** What is particular to a VXLAN. */
export interface VxlanFields {
  /** Its number. */
  readonly id: number;
  /** The address of this end. */
  readonly local?: string | undefined;
  /** The other end, to which goes what has no entry. */
  readonly remote?: string | undefined;
  /** The group, to which goes what has no entry. */
  readonly group?: string | undefined;
  /**
   * The link by which packets go out: the name of an interface of the file in any namespace, or the host name of a link
   * in the same namespace.
   */
  readonly parent?: string | undefined;
  /** The UDP port. Absent: 8472, as the kernel has it; 4789 is the assigned one. */
  readonly port?: number | undefined;
  /** The time to live of packets that go out. */
  readonly ttl?: number | undefined;
  /** Learns from what comes in which end has which address. */
  readonly learning?: boolean | undefined;
  /** The permanent entries of its forwarding table, and no others. Absent: those of others are left. */
  readonly entries?: readonly VxlanEntry[] | undefined;
}

/** What is particular to a GENEVE link. */
export interface GeneveFields {
  /** Its number. */
  readonly id: number;
  /** The other end. */
  readonly remote: string;
  /** The UDP port. Absent: 6081. */
  readonly port?: number | undefined;
  /** The time to live of packets that go out. */
  readonly ttl?: number | undefined;
}

const id = integer(0, 2 ** 24 - 1, "a number");
const port = integer(1, 65_535, "a UDP port");
const ttl = integer(0, 255);

const groupIp: Field<string> = text("the address of a multicast group, such as 239.1.1.1 or ff05::1", (given) => {
  const address = parseIp(given);
  return address !== undefined && isMulticast(address) ? address.text : undefined;
});

/** Reads the object of a VXLAN. */
export const vxlanSchema: Field<VxlanFields> = message(
  "a mapping with id, and remote, group or entries",
  {
    id,
    local: optional(hostIp),
    remote: optional(hostIp),
    group: optional(groupIp),
    parent: optional(label("the name of the link below")),
    port: optional(port),
    ttl: optional(ttl),
    learning: optional(flag),
    entries: optional(list("a list of entries", message("a mapping with mac and remote", { mac, remote: hostIp }))),
  },
  ({ local, remote, group, entries = [] }, given, report): void => {
    const [first, ...others] = Object.entries({ local, remote, group }).filter(([, address]) => address !== undefined);
    const [name = "", address = "0.0.0.0"] = first ?? [];
    const family = familyOf(address);
    const asFirst = name === ""
      ? `an IPv${family} address, as there is no local or remote`
      : `an IPv${family} address, as ${name}`;
    for (const [other, address = ""] of others) {
      if (familyOf(address) !== family) report(other === "remote" ? "remote" : "group", asFirst);
    }
    if (entries.some(({ remote }) => familyOf(remote) !== family)) report("entries", `each remote ${asFirst}`);
    if (given("remote") && given("group")) report("group", "only one of remote and group");
    if (given("group") && !given("parent")) report("group", "parent beside it, the link by which the group is reached");
    const keys = entries.map(({ mac, remote }) => `${mac} ${remote}`);
    if (new Set(keys).size < keys.length) report("entries", "each entry once");
  },
  () => [
    { not: { allOf: ["remote", "group"].map(isGiven) } },
    sameFamily("local", "remote", "group"),
    ifThen(isGiven("group"), isGiven("parent")),
    { properties: { entries: { uniqueItems: true } } },
  ],
);

/** Reads the object of a GENEVE link. */
export const geneveSchema: Field<GeneveFields> = message("a mapping with id and remote", {
  id,
  remote: hostIp,
  port: optional(port),
  ttl: optional(ttl),
});

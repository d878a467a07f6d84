/** The model of an ARP entry: a static neighbour, of IPv4 or IPv6. */
import * as v from "npm:valibot@1.5.0";
import { defined } from "../collections.ts";
import { familyOf } from "../ip/address.ts";
import { enumeration, type Field, type FieldsOf, label, message, optional, wrapped } from "./fields.ts";
import { type ArpNamespace, arpNamespaceSchema, type NamespaceInput } from "./namespace.ts";
import { hostIp, mac } from "./values.ts";

/** An ARP entry, as the file describes it. */
export interface LinuxArpEntry {
  /** Its name in the file. */
  readonly name: string;
  /** Where it lives. Absent: the namespace of `interface` if the file describes it, else the default one. */
  readonly namespace?: ArpNamespace;
  /** The name of an interface of the file, or the host name of one that exists there. */
  readonly interface: string;
  /** The protocol of `ipAddr`. */
  readonly ipFamily: "IPV4" | "IPV6";
  /** How the kernel treats it; see ip-neighbour(8). */
  readonly state: {
    /** `PERMANENT` stays; `NOARP` is valid without a check; `REACHABLE` and `STALE` age as learnt ones do. */
    readonly type: "PERMANENT" | "NOARP" | "REACHABLE" | "STALE";
  };
  /** The neighbour's address, in canonical text. */
  readonly ipAddr: string;
  /** The neighbour's hardware address, in lower case. */
  readonly hwAddress: string;
}

/** An ARP entry as it may be written: what is absent has its default, an enumeration is a name or a number. */
export interface ArpEntryInput extends Omit<LinuxArpEntry, "namespace" | "ipFamily" | "state"> {
  /** Where it lives, as text or as the fields of the model. */
  readonly namespace?: NamespaceInput | undefined;
  /** The protocol of `ipAddr`, which says it if this is absent. */
  readonly ipFamily?: LinuxArpEntry["ipFamily"] | 0 | 1 | undefined;
  /** How the kernel treats it. @default {"PERMANENT"} */
  readonly state?: LinuxArpEntry["state"] | LinuxArpEntry["state"]["type"] | 0 | 1 | 2 | 3 | undefined;
}

const FIELDS = {
  name: label("the name of the entry"),
  namespace: optional(arpNamespaceSchema),
  interface: label("the name of an interface"),
  ipFamily: wrapped("family", enumeration(["IPV4", "IPV6"])),
  state: wrapped("type", enumeration(["PERMANENT", "NOARP", "REACHABLE", "STALE"])),
  ipAddr: hostIp,
  hwAddress: mac,
} as const satisfies FieldsOf<ArpEntryInput>;

const familyName = (ip: string): "IPV4" | "IPV6" => `IPV${familyOf(ip)}`;

/** Reads an ARP entry: the model in protobuf JSON. */
export const arpEntrySchema: Field<LinuxArpEntry> = v.pipe(
  message("a mapping that describes an ARP entry", FIELDS, ({ ipFamily, ipAddr }, _given, report): void => {
    if (ipFamily !== undefined && ipAddr !== undefined && ipFamily !== familyName(ipAddr)) {
      report("ipFamily", `${familyName(ipAddr)}, the family of ${ipAddr}`);
    }
  }),
  v.transform((entry): LinuxArpEntry =>
    defined({ ...entry, ipFamily: familyName(entry.ipAddr), state: { type: entry.state ?? "PERMANENT" } })
  ),
);

/** The models of what shares another link: MACVLAN and IPVLAN. */
import { type Field, label, message, optional, word } from "../fields.ts";

/** What is particular to a MACVLAN. */
export interface MacvlanFields {
  /**
   * The link below: the name of an interface of the file in any namespace, or the host name of a link in the same
   * namespace.
   */
  readonly parent: string;
  /** How those of one parent reach each other. Absent: `bridge`. */
  readonly mode?: "private" | "vepa" | "bridge" | "passthru" | "source" | undefined;
}

/** What is particular to an IPVLAN. */
export interface IpvlanFields {
  /**
   * The link below: the name of an interface of the file in any namespace, or the host name of a link in the same
   * namespace.
   */
  readonly parent: string;
  /** How packets are handled: switched, routed, or routed through the netfilter of the parent. Absent: `l2`. */
  readonly mode?: "l2" | "l3" | "l3s" | undefined;
}

const parent = label("the name of the link below");

/** Reads the object of a MACVLAN. */
export const macvlanSchema: Field<MacvlanFields> = message("a mapping with parent and mode", {
  parent,
  mode: optional(word(["private", "vepa", "bridge", "passthru", "source"])),
});

/** Reads the object of an IPVLAN. */
export const ipvlanSchema: Field<IpvlanFields> = message("a mapping with parent and mode", {
  parent,
  mode: optional(word(["l2", "l3", "l3s"])),
});

/** The model of a VLAN. */
import { type Field, integer, label, message, optional, word } from "../fields.ts";

/** What is particular to a VLAN. */
export interface VlanFields {
  /**
   * The link below: the name of an interface of the file in any namespace, or the host name of a link in the same
   * namespace.
   */
  readonly parent: string;
  /** Its number. */
  readonly id: number;
  /** The protocol of its tags. Absent: 802.1Q. */
  readonly protocol?: "802.1Q" | "802.1ad" | undefined;
}

/** Reads the object of a VLAN. */
export const vlanSchema: Field<VlanFields> = message("a mapping with parent and id", {
  parent: label("the name of the link below"),
  id: integer(1, 4094, "a VLAN"),
  protocol: optional(word(["802.1Q", "802.1ad"])),
});

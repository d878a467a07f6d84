/** A mirror of Ethernet frames over IPv4 (Encapsulated Remote SPAN). See ip-link(8). */
import { defined } from "../../../collections.ts";
import type { LinkBase } from "../base.ts";
import { type ErspanFields, erspanTable } from "./erspan_options.ts";
import {
  type GreOptions,
  greOptionsTable,
  type GreOptionsWire,
  KEY_BITS,
  withKeyBits,
  withKeys,
} from "./gre_options.ts";
import { optionsOf, translated } from "./kind_options.ts";
import type { Kind } from "./link_kind.ts";
import { ENCAP_FIELDS, withEncap, withEncapAttributes } from "./tunnel_encap.ts";

/** What is particular to a mirror of frames over IPv4. */
export interface ErspanOptions extends GreOptions, ErspanFields {}

/** A mirror of Ethernet frames over IPv4. */
export interface ErspanSpec extends LinkBase, ErspanOptions {
  /** The tag of the union. */
  readonly kind: "erspan";
}

const options = translated<ErspanOptions, GreOptionsWire & ErspanFields>(
  optionsOf<GreOptionsWire & ErspanFields>({ ...greOptionsTable, ...erspanTable }),
  { ...ENCAP_FIELDS, ...KEY_BITS },
  (given) => withEncapAttributes(withKeyBits(given)),
  (attributes) => defined(withEncap(withKeys(attributes))),
);

/** {@linkcode ErspanSpec} */
export const erspan: Kind<"erspan", ErspanSpec, ErspanOptions> = {
  kind: "erspan",
  about: "a mirror of Ethernet frames over IPv4 (ERSPAN)",
  kernel: { option: "CONFIG_NET_IPGRE", module: "ip_gre" },
  fields: () => ({ ...options.fields }),
  probe: { spec: (name) => ({ kind: "erspan", name, external: true }) },
  options,
};

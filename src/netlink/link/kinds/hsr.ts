/** Rings of links, by each of which a frame goes (IEC 62439-3: HSR, PRP): IFLA_HSR_…. See ip-link(8). */
import type { LinkBase } from "../base.ts";
import { linkIndex, type LinkRef } from "../ref.ts";
import { mac } from "../../wire/mac.ts";
import { u16, u8 } from "../../wire/numbers.ts";
import type { Kind } from "./link_kind.ts";
import { type KeptOptions, optionsOf, translated } from "./kind_options.ts";

/** What is particular to an HSR or PRP link. */
export interface HsrOptions extends KeptOptions {
  /** One link; a number is its index. */
  readonly slave1?: LinkRef | number | undefined;
  /** The other link; a number is its index. */
  readonly slave2?: LinkRef | number | undefined;
  /** The link to a network without redundancy; a number is its index. */
  readonly interlink?: LinkRef | number | undefined;
  /** The last byte of `supervisionAddr`. @default {0} */
  readonly supervision?: number | undefined;
  /** The group to which frames of supervision go. Listed only. */
  readonly supervisionAddr?: string | undefined;
  /** The number of the next frame. Listed only. */
  readonly seqNr?: number | undefined;
  /** The version of HSR, 0 or 1. @default {0} */
  readonly version?: number | undefined;
  /** 0 for HSR, a ring; 1 for PRP, two networks. @default {0} */
  readonly proto?: number | undefined;
}

/** Two links as one, by both of which each frame goes. */
export interface HsrSpec extends LinkBase, HsrOptions {
  /** The tag of the union. */
  readonly kind: "hsr";
  /** One link; a number is its index. */
  readonly slave1: LinkRef | number;
  /** The other link; a number is its index. */
  readonly slave2: LinkRef | number;
}

const wire = optionsOf<HsrOptions>({
  slave1: [1, linkIndex], // IFLA_HSR_SLAVE1
  slave2: [2, linkIndex], // IFLA_HSR_SLAVE2
  supervision: [3, u8, "given"], // IFLA_HSR_MULTICAST_SPEC
  supervisionAddr: [4, mac, "listed"], // IFLA_HSR_SUPERVISION_ADDR
  seqNr: [5, u16, "listed"], // IFLA_HSR_SEQ_NR
  version: [6, u8], // IFLA_HSR_VERSION
  proto: [7, u8], // IFLA_HSR_PROTOCOL
  interlink: [8, linkIndex], // IFLA_HSR_INTERLINK
});

const options = translated<HsrOptions, HsrOptions>(
  wire,
  {},
  (given) => given,
  (listed) => {
    const last = listed.supervisionAddr?.slice(-2);
    return last === undefined ? listed : { ...listed, supervision: Number.parseInt(last, 16) };
  },
);

/** {@linkcode HsrSpec} */
export const hsr: Kind<"hsr", HsrSpec, HsrOptions> = {
  kind: "hsr",
  about: "two links as one, by both of which each frame goes (HSR, PRP)",
  kernel: { option: "CONFIG_HSR", module: "hsr" },
  fields: () => ({ ...options.fields }),
  probe: { spec: (name, lower) => ({ kind: "hsr", name, slave1: lower(), slave2: lower() }) },
  options,
};

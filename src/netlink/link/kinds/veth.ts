/** Pairs of links: VETH_INFO_…. See veth(4), linux/veth.h. */
import { BASE_FIELDS, encodeEnd, type LinkBase } from "../base.ts";
import { fieldsOf } from "../../../argument_fields.ts";
import { attributes } from "../../wire/attributes.ts";
import { messageCodec } from "../../wire/codec.ts";
import { bytes } from "../../wire/bytes.ts";
import type { Kind } from "./link_kind.ts";

/** The other end of a pair. */
export type LinkPeer = Omit<LinkBase, "up" | "master">;

/** Two links: what enters one end leaves the other. Both are made in one request. */
export interface VethSpec extends LinkBase {
  /** The tag of the union. */
  readonly kind: "veth";
  /** The other end. Its index can be chosen only together with that of the first. */
  readonly peer: LinkPeer;
}

const { up: _up, master: _master, ...PEER_FIELDS } = BASE_FIELDS;
const checkFields = fieldsOf<LinkPeer>("the other end of a pair", PEER_FIELDS);

/**
 * Checks the other end of a pair to make.
 *
 * @throws {TypeError} It has a field that it cannot have, or an index though the first end has none.
 */
export function checkPeer({ index, peer }: LinkBase & { readonly peer: LinkPeer }): void {
  checkFields(peer);
  if (peer.index !== undefined && index === undefined) {
    // The kernel would ignore it.
    throw new TypeError(`Cannot use ${peer.index} as index of the peer alone: expected an index of both ends`);
  }
}

const data = messageCodec(attributes({ peer: [1, bytes] })); // VETH_INFO_PEER: struct ifinfomsg, attributes of a link

/** {@linkcode VethSpec} */
export const veth: Kind<"veth", VethSpec, never> = {
  kind: "veth",
  about: "a pair of links, each in a namespace of its own",
  kernel: { option: "CONFIG_VETH", module: "veth", required: true },
  fields: () => ({ peer: true }),
  probe: { spec: (name) => ({ kind: "veth", name, peer: { name: "peer" } }) },
  encode(spec) {
    checkPeer(spec);
    return data.encode({ peer: encodeEnd(spec.peer) });
  },
};

/** Requests about neighbours: RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH. See rtnetlink(7), ip-neighbour(8). */
import { AF_BRIDGE } from "../../../ffi/mod.ts";
import { filteredFamily } from "../family_filter.ts";
import { RTM_DELNEIGH, RTM_GETNEIGH, RTM_NEWNEIGH } from "../constants/messages.ts";
import { NEIGHBOUR_STATES, NTF_EXT_LEARNED, NTF_EXT_MANAGED, NTF_PROXY, NTF_ROUTER } from "../constants/neighbour.ts";
import { fieldsOf } from "../../argument_fields.ts";
import { fieldNames } from "../wire/codec.ts";
import { type NetlinkRequest, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from "../wire/framing.ts";
import { afOf } from "../wire/ip.ts";
import { numberOf } from "../wire/named_numbers.ts";
import { neighbourMessage } from "./message.ts";
import type { NeighbourFilter, NeighbourSpec } from "./types.ts";

const fieldAt = fieldNames(neighbourMessage, { dst: "ip", flagsExt: "managed" });

const checkFilter = fieldsOf<NeighbourFilter>("a filter of neighbours", {
  proxy: "boolean",
  link: true,
  linkIndex: true,
  family: true,
});

const checkSpec = fieldsOf<NeighbourSpec>("a neighbour", {
  link: true,
  linkIndex: true,
  ip: true,
  address: true,
  state: true,
  proxy: "boolean",
  router: "boolean",
  external: "boolean",
  managed: "boolean",
  protocol: true,
  unknown: "list",
  flags: "number",
  family: true,
});

/**
 * The request for the neighbours that a filter lets through.
 *
 * @throws {TypeError} It is for another family than those of neighbours.
 */
export function listNeighboursRequest(filter: NeighbourFilter): NetlinkRequest {
  checkFilter(filter);
  const { linkIndex, proxy } = filter;
  const family = filteredFamily(filter.family);
  if (family === AF_BRIDGE) {
    throw new TypeError(
      "Cannot use 7 (AF_BRIDGE) as family of neighbours: listForwardingEntries() lists those entries",
    );
  }
  const flags = proxy ? NTF_PROXY : 0;
  const body = neighbourMessage.encode({ family, index: 0, state: 0, flags, type: 0, attributes: { linkIndex } });
  return { type: RTM_GETNEIGH, flags: 0, body, label: "RTM_GETNEIGH" };
}

/** The request that adds a neighbour, or changes it if it exists. */
export function newNeighbourRequest(spec: NeighbourSpec, replace: boolean): NetlinkRequest {
  checkSpec(spec);
  return {
    type: RTM_NEWNEIGH,
    flags: NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL),
    body: encode(spec, numberOf(NEIGHBOUR_STATES, spec.state ?? (spec.managed ? "none" : "permanent"), "state")),
    label: `RTM_NEWNEIGH ${spec.ip} on link ${spec.linkIndex}`,
    fieldAt,
  };
}

/** The request that deletes a neighbour. */
export function deleteNeighbourRequest(spec: NeighbourSpec): NetlinkRequest {
  checkSpec(spec);
  const label = `RTM_DELNEIGH ${spec.ip} on link ${spec.linkIndex}`;
  return { type: RTM_DELNEIGH, flags: 0, body: encode(spec, 0), label, fieldAt };
}

function encode(spec: NeighbourSpec, state: number): Uint8Array<ArrayBuffer> {
  const { linkIndex = 0, ip, address, flags: all = 0, proxy, router, external, managed, protocol, unknown } = spec;
  const flags = withFlag(withFlag(withFlag(all, NTF_PROXY, proxy), NTF_ROUTER, router), NTF_EXT_LEARNED, external);
  return neighbourMessage.encode({
    family: afOf(ip),
    index: linkIndex,
    state,
    flags,
    type: 0,
    attributes: { dst: ip, address, protocol, flagsExt: managed ? NTF_EXT_MANAGED : undefined, unknown },
  });
}

/** `flags` with one of them set or not; undefined leaves it as it is. */
function withFlag(flags: number, flag: number, isSet: boolean | undefined): number {
  if (isSet === undefined) return flags;
  return isSet ? flags | flag : flags & ~flag;
}

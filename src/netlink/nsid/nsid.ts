/** The ids that a namespace has for others: RTM_NEWNSID, RTM_GETNSID. See ip-netns(8), linux/net_namespace.h. */
import { AF_UNSPEC } from "../../../ffi/mod.ts";
import { RTM_GETNSID, RTM_NEWNSID } from "../constants/messages.ts";
import { descriptorOf, type OpenNamespace } from "../namespace_fd.ts";
import { attributes } from "../wire/attributes.ts";
import { fieldNames, message, type MessageCodec } from "../wire/codec.ts";
import { pad, struct } from "../wire/struct.ts";
import type { NetlinkRequest } from "../wire/framing.ts";
import { s32, u32, u8 } from "../wire/numbers.ts";

/** NETNSA_NSID_NOT_ASSIGNED */
const NOT_ASSIGNED = -1;

const codec = message(
  struct({ family: u8, pad: pad(3) }), // struct rtgenmsg, up to the next multiple of four
  attributes({
    nsid: [1, s32], // NETNSA_NSID
    pid: [2, u32], // NETNSA_PID
    fd: [3, u32], // NETNSA_FD
  }),
);

const fieldAt = fieldNames(codec, { fd: "netns" });

/** The codec of the messages of ids. */
export const nsidMessage: MessageCodec<object> = codec;

/** The request for the id that this namespace has for another. */
export function getNsidRequest(netns: OpenNamespace): NetlinkRequest {
  const fd = descriptorOf(netns);
  const body = codec.encode({ family: AF_UNSPEC, attributes: { fd } });
  return { type: RTM_GETNSID, flags: 0, body, label: `RTM_GETNSID of descriptor ${fd}`, fieldAt };
}

/** The request for all ids. */
export function listNsidsRequest(): NetlinkRequest {
  const body = codec.encode({ family: AF_UNSPEC, attributes: {} });
  return { type: RTM_GETNSID, flags: 0, body, label: "RTM_GETNSID" };
}

/** The request that gives another namespace an id; without `nsid` the kernel chooses. */
export function newNsidRequest(netns: OpenNamespace, nsid: number = NOT_ASSIGNED): NetlinkRequest {
  const fd = descriptorOf(netns);
  const body = codec.encode({ family: AF_UNSPEC, attributes: { nsid, fd } });
  return { type: RTM_NEWNSID, flags: 0, body, label: `RTM_NEWNSID of descriptor ${fd}`, fieldAt };
}

/** The id that a message of the kernel holds; undefined for none. */
export function decodeNsid(body: Uint8Array): number | undefined {
  const { nsid } = codec.decodeKnown(body).attributes;
  return nsid === NOT_ASSIGNED ? undefined : nsid;
}

/** Requests about links: RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK. See rtnetlink(7), ip-link(8). */
import { shown } from "../../errors.ts";
import { ADDR_GEN_MODES, IFF_UP, RTEXT_FILTER_SKIP_STATS } from "../constants/link.ts";
import { RTM_DELLINK, RTM_GETLINK, RTM_NEWLINK } from "../constants/messages.ts";
import { fieldsOf } from "../fields.ts";
import { descriptorOf } from "../namespace_fd.ts";
import { type NetlinkRequest, NLM_F_CREATE, NLM_F_EXCL } from "../wire/framing.ts";
import { numberOf } from "../wire/values.ts";
import { baseMessage } from "./base.ts";
import { bridgePort, checkBridgePort } from "./bridge_ports.ts";
import { checkLinkSpec, encodeKind, type LinkSpec } from "./kinds/kinds.ts";
import { EMPTY_HEADER, linkMessage } from "./message.ts";
import { explainChange, explainNewLink, labelOfChange } from "./refusals.ts";
import { hasIndex, isGroup, labelOf, type LinkGroup, linkName, type LinkRef, targetOf } from "./ref.ts";
import type { LinkChange } from "./types.ts";

/** The request for all links, without their counters. */
export const LIST_LINKS: NetlinkRequest = {
  type: RTM_GETLINK,
  flags: 0,
  body: linkMessage.encode({ ...EMPTY_HEADER, attributes: { extMask: RTEXT_FILTER_SKIP_STATS } }),
  label: "RTM_GETLINK",
};

/** The request for one link, without its counters. */
export function getLinkRequest(ref: LinkRef): NetlinkRequest {
  const { index, ...names } = targetOf(ref);
  const body = linkMessage.encode({
    ...EMPTY_HEADER,
    index,
    attributes: { ...names, extMask: RTEXT_FILTER_SKIP_STATS },
  });
  return { type: RTM_GETLINK, flags: 0, body, label: `RTM_GETLINK ${labelOf(ref)}` };
}

/**
 * The request that makes a link; of a pair, both ends.
 *
 * @throws {TypeError} The specification has a field that its kind lacks.
 */
export function addLinkRequest(spec: LinkSpec): NetlinkRequest {
  checkLinkSpec(spec);
  const body = linkMessage.encode(baseMessage(spec, {
    link: "link" in spec ? spec.link : undefined,
    master: spec.master,
    info: { kind: spec.kind, data: encodeKind(spec) },
  }));
  return {
    type: RTM_NEWLINK,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    body,
    label: "peer" in spec ? `RTM_NEWLINK ${spec.name} with peer ${spec.peer.name}` : `RTM_NEWLINK ${spec.name}`,
    explain: (error, exists) => explainNewLink(spec, error, exists),
  };
}

const checkChange = fieldsOf<LinkChange>("the change of a link", {
  name: true,
  up: true,
  mtu: true,
  address: true,
  master: true,
  port: true,
  addrGenMode: true,
  netns: true,
  newIndex: true,
  txQueueLength: true,
  alias: true,
  group: true,
});

/**
 * The request that changes a link.
 *
 * @param named How the caller names it, for errors.
 * @throws {TypeError} The change has a field that it cannot have, or is a new name for a link that is named by its name.
 */
export function setLinkRequest(ref: LinkRef, change: LinkChange, named: LinkRef = ref): NetlinkRequest {
  checkChange(change);
  if (change.port !== undefined) checkBridgePort(change.port);
  const { index, name, altName } = targetOf(ref);
  if (change.name !== undefined && !hasIndex(ref)) {
    // IFLA_IFNAME would name both the link to change and its new name.
    throw new TypeError(`Cannot rename ${shown(labelOf(ref))} by its name: expected { index }, as getLink() gives it`);
  }
  const body = linkMessage.encode({
    ...EMPTY_HEADER,
    index,
    flags: change.up ? IFF_UP : 0,
    change: change.up === undefined ? 0 : IFF_UP,
    attributes: {
      name: change.name === undefined ? name : linkName(change.name),
      altName,
      address: change.address,
      mtu: change.mtu,
      master: change.master,
      netnsFd: change.netns && descriptorOf(change.netns),
      newIndex: change.newIndex,
      txQueueLength: change.txQueueLength,
      group: change.group,
      alias: change.alias,
      info: change.port === undefined ? undefined : { slaveKind: "bridge", slaveData: bridgePort.encode(change.port) },
      families: change.addrGenMode === undefined
        ? undefined
        : { inet6: { addrGenMode: numberOf(ADDR_GEN_MODES, change.addrGenMode, "addrGenMode") } },
    },
  });
  return {
    type: RTM_NEWLINK,
    flags: 0,
    body,
    label: labelOfChange(named, change),
    explain: (error, exists) => explainChange(change, error, exists),
  };
}

/** The request that deletes a link, of a pair both ends; or all links of a group. */
export function deleteLinkRequest(ref: LinkRef | LinkGroup): NetlinkRequest {
  if (isGroup(ref)) {
    const body = linkMessage.encode({ ...EMPTY_HEADER, attributes: { group: ref.group } });
    return { type: RTM_DELLINK, flags: 0, body, label: `RTM_DELLINK group ${ref.group}` };
  }
  const { index, ...names } = targetOf(ref);
  const body = linkMessage.encode({ ...EMPTY_HEADER, index, attributes: names });
  return { type: RTM_DELLINK, flags: 0, body, label: `RTM_DELLINK ${labelOf(ref)}` };
}

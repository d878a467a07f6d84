/** Requests about links: RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_NEWLINKPROP. See rtnetlink(7), ip-link(8). */
import { AF_UNSPEC } from "../../../ffi/mod.ts";
import { shown } from "../../errors.ts";
import { ADDR_GEN_MODES, RTEXT_FILTER_SKIP_STATS } from "../constants/link.ts";
import { RTM_DELLINK, RTM_DELLINKPROP, RTM_GETLINK, RTM_NEWLINK, RTM_NEWLINKPROP } from "../constants/messages.ts";
import { fieldsOf } from "../../argument_fields.ts";
import { descriptorOf } from "../namespace_fd.ts";
import { type FieldAt, fieldNames, fieldsIn } from "../wire/codec.ts";
import { type NetlinkRequest, NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL } from "../wire/framing.ts";
import { numberOf } from "../wire/named_numbers.ts";
import { baseMessage, flagsOf } from "./base.ts";
import { bondPort, checkBondPort } from "./bond_ports.ts";
import { bridgePort, checkBridgePort } from "./bridge_ports.ts";
import { type ChangedKind, changedKind, KIND_CHANGES } from "./kinds/changes.ts";
import {
  checkLinkSpec,
  encodeKind,
  hasLinkBelow,
  KINDS,
  type LinkSpec,
  type OtherLinkSpec,
} from "./kinds/link_spec.ts";
import { EMPTY_HEADER, type LinkInfo, linkMessage } from "./message.ts";
import { explainChange, explainNewLink, labelOfChange } from "./refusals.ts";
import {
  hasIndex,
  indexOfRef,
  isGroup,
  labelOf,
  type LinkGroup,
  linkName,
  type LinkRef,
  newAltName,
  targetOf,
} from "./ref.ts";
import type { LinkChange, LinkListOptions } from "./types.ts";

const fieldAt = fieldNames(linkMessage, { netnsFd: "netns", "properties.altName": "altName" });

/** Names the fields of a link of a kind, whose options are bytes to the codec of links. */
function fieldsOfKind(kind: string | undefined): FieldAt {
  const options = kind === undefined ? undefined : KINDS.get(kind)?.options;
  return options === undefined ? fieldAt : fieldsIn(fieldAt, "info.data", options.fieldAt);
}

/** Names the fields of a change, whose options of a kind and of a port are bytes to the codec of links. */
function fieldsOfChange(change: LinkChange, kind: ChangedKind | undefined): FieldAt {
  const port = change.bondPort === undefined ? bridgePort : bondPort;
  return fieldsIn(fieldsOfKind(kind?.kind), "info.slaveData", port.fieldAt);
}

const checkListOptions = fieldsOf<LinkListOptions>("the options of a list of links", { stats: "boolean" });

/** RTEXT_FILTER_… for what is said of links: without counters the kernel answers sooner. */
function extMaskOf(options: LinkListOptions): number | undefined {
  checkListOptions(options);
  return options.stats ? undefined : RTEXT_FILTER_SKIP_STATS;
}

/** The requests for all links, by the mask that is asked for: every namespace is asked the same. */
const lists = new Map<number | undefined, NetlinkRequest>();

/** The request for all links. */
export function listLinksRequest(options: LinkListOptions = {}): NetlinkRequest {
  const extMask = extMaskOf(options);
  let request = lists.get(extMask);
  if (request === undefined) {
    const body = linkMessage.encode({ ...EMPTY_HEADER, attributes: { extMask } });
    request = { type: RTM_GETLINK, flags: 0, body, label: "RTM_GETLINK", isUnfiltered: true };
    lists.set(extMask, request);
  }
  return request;
}

/** The request for one link. */
export function getLinkRequest(ref: LinkRef, options: LinkListOptions = {}): NetlinkRequest {
  const { index, ...names } = targetOf(ref);
  const body = linkMessage.encode({
    ...EMPTY_HEADER,
    index,
    attributes: { ...names, extMask: extMaskOf(options) },
  });
  return { type: RTM_GETLINK, flags: 0, body, label: `RTM_GETLINK ${labelOf(ref)}`, fieldAt };
}

/**
 * The request that makes a link; of a pair, both ends.
 *
 * @param spec Its links are named by their indexes.
 * @throws {TypeError} The specification has a field that its kind lacks.
 */
export function addLinkRequest(spec: LinkSpec | OtherLinkSpec): NetlinkRequest {
  checkLinkSpec(spec);
  const { link, master }: {
    readonly link?: LinkRef | number | undefined;
    readonly master?: LinkRef | number | undefined;
  } = spec;
  const body = linkMessage.encode(baseMessage(spec, {
    link: link === undefined || !hasLinkBelow(spec) ? undefined : indexOfRef(link, "link"),
    master: master === undefined ? undefined : indexOfRef(master, "master"),
    info: { kind: spec.kind, data: encodeKind(spec) },
  }));
  return {
    type: RTM_NEWLINK,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    body,
    label: "peer" in spec ? `RTM_NEWLINK ${spec.name} with peer ${spec.peer.name}` : `RTM_NEWLINK ${spec.name}`,
    explain: (error, exists) => explainNewLink(spec, error, exists),
    fieldAt: (body, offset) => fieldsOfKind(spec.kind)(body, offset),
  };
}

const checkChange = fieldsOf<LinkChange>("the change of a link", {
  name: true,
  up: "boolean",
  mtu: true,
  address: true,
  master: true,
  port: true,
  bondPort: true,
  addrGenMode: true,
  netns: true,
  newIndex: true,
  txQueueLength: true,
  alias: true,
  group: true,
  arp: "boolean",
  promisc: "boolean",
  allmulti: "boolean",
  ...KIND_CHANGES,
});

/**
 * The request that changes a link.
 *
 * @param change Its links are named by their indexes.
 * @param named How the caller names it, for errors.
 * @throws {TypeError} The change has a field that it cannot have, or an index for a link that is not moved, or is a new name
 *   for a link that is named by its name.
 */
export function setLinkRequest(ref: LinkRef, change: LinkChange, named: LinkRef = ref): NetlinkRequest {
  checkChange(change);
  const { index, name, altName } = targetOf(ref);
  if (change.name !== undefined && !hasIndex(ref)) {
    // IFLA_IFNAME would name both the link to change and its new name.
    throw new TypeError(`Cannot rename ${shown(labelOf(ref))} by its name: expected { index }, as getLink() gives it`);
  }
  if (change.newIndex !== undefined && change.netns === undefined) {
    // The kernel heeds it for a link that is moved, and ignores it otherwise.
    throw new TypeError(
      `Cannot use ${shown(change.newIndex)} as newIndex of ${shown(labelOf(named))}: ` +
        "expected netns beside it, as a link keeps its index until it is moved",
    );
  }
  const kind = changedKind(change);
  const { flags, change: changedFlags } = flagsOf(change);
  const body = linkMessage.encode({
    family: AF_UNSPEC,
    type: 0,
    index,
    flags,
    change: changedFlags,
    attributes: {
      name: change.name === undefined ? name : linkName(change.name),
      altName,
      address: change.address,
      mtu: change.mtu,
      master: change.master === undefined ? undefined : indexOfRef(change.master, "master"),
      netnsFd: change.netns && descriptorOf(change.netns),
      newIndex: change.newIndex,
      txQueueLength: change.txQueueLength,
      group: change.group,
      alias: change.alias,
      info: changedInfo(change, kind),
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
    explain: (error, exists) => explainChange(change, kind, error, exists),
    fieldAt: (body, offset) => fieldsOfChange(change, kind)(body, offset),
  };
}

/** IFLA_LINKINFO: the options of the kind, and of the port, that are changed. */
function changedInfo({ port, bondPort: ofBond }: LinkChange, kind: ChangedKind | undefined): LinkInfo | undefined {
  if (port !== undefined && ofBond !== undefined) {
    throw new TypeError("Cannot use both port and bondPort: expected one, since a link has one master");
  }
  if (port !== undefined) {
    checkBridgePort(port);
    return { ...kind?.info, slaveKind: "bridge", slaveData: bridgePort.encode(port) };
  }
  if (ofBond === undefined) return kind?.info;
  checkBondPort(ofBond);
  return { ...kind?.info, slaveKind: "bond", slaveData: bondPort.encode(ofBond) };
}

/** The request that gives a link an alternative name, or takes it. */
export function altNameRequest(ref: LinkRef, altName: string, add: boolean): NetlinkRequest {
  const { index, ...names } = targetOf(ref);
  const body = linkMessage.encode({
    ...EMPTY_HEADER,
    index,
    attributes: { ...names, properties: { altName: [add ? newAltName(altName) : altName] } },
  });
  return {
    type: add ? RTM_NEWLINKPROP : RTM_DELLINKPROP,
    flags: add ? NLM_F_CREATE | NLM_F_APPEND | NLM_F_EXCL : 0,
    body,
    label: `${add ? "RTM_NEWLINKPROP" : "RTM_DELLINKPROP"} ${labelOf(ref)}, alternative name ${altName}`,
    fieldAt,
  };
}

/** The request that deletes a link, of a pair both ends; or all links of a group. */
export function deleteLinkRequest(ref: LinkRef | LinkGroup): NetlinkRequest {
  if (isGroup(ref)) {
    const body = linkMessage.encode({ ...EMPTY_HEADER, attributes: { group: ref.group } });
    return { type: RTM_DELLINK, flags: 0, body, label: `RTM_DELLINK group ${ref.group}`, fieldAt };
  }
  const { index, ...names } = targetOf(ref);
  const body = linkMessage.encode({ ...EMPTY_HEADER, index, attributes: names });
  return { type: RTM_DELLINK, flags: 0, body, label: `RTM_DELLINK ${labelOf(ref)}`, fieldAt };
}

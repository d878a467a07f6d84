/** What links of every kind are made with. */
import type { FieldRules } from "../../argument_fields.ts";
import { AF_UNSPEC } from "../../../ffi/mod.ts";
import { descriptorOf } from "../namespace_fd.ts";
import { IFF_ALLMULTI, IFF_NOARP, IFF_PROMISC, IFF_UP } from "../constants/link.ts";
import { ethernet } from "../wire/mac.ts";
import { type LinkAttributes, type LinkHeader, linkMessage } from "./message.ts";
import { linkName, type LinkRef } from "./ref.ts";

/** What links of every kind are made with. */
export interface LinkBase {
  /** Its name, 1 to 15 bytes. */
  readonly name: string;
  /** Its index. @default {one that the kernel chooses} */
  readonly index?: number | undefined;
  /** Its link-layer address. @default {a random one} */
  readonly address?: string | undefined;
  /** Its largest packet, in bytes. @default {that of the kind} */
  readonly mtu?: number | undefined;
  /** The namespace in which it is made. @default {that of the socket} */
  readonly netns?: { readonly fd: number } | undefined;
  /** Set up at once. The other end of a pair cannot be: the kernel wants both ends first. */
  readonly up?: boolean | undefined;
  /** The bridge, bond, team or VRF that it becomes a port of; a number is its index. */
  readonly master?: LinkRef | number | undefined;
  /** How many queues it has for what goes out. @default {1} */
  readonly numTxQueues?: number | undefined;
  /** How many queues it has for what comes in. @default {1} */
  readonly numRxQueues?: number | undefined;
  /** The length of its transmit queue, in packets. @default {that of the kind} */
  readonly txQueueLength?: number | undefined;
  /** Asks for link-layer addresses. @default {that of the kind} */
  readonly arp?: boolean | undefined;
  /** Receives packets for other hosts, too. */
  readonly promisc?: boolean | undefined;
  /** Receives all multicast packets. */
  readonly allmulti?: boolean | undefined;
}

/** Either end of a pair. */
export type LinkEnd = Omit<LinkBase, "master">;

/** The fields of {@linkcode LinkBase}. */
export const BASE_FIELDS: FieldRules<LinkBase> = {
  name: true,
  index: true,
  address: true,
  mtu: true,
  netns: true,
  up: "boolean",
  master: true,
  numTxQueues: true,
  numRxQueues: true,
  txQueueLength: true,
  arp: "boolean",
  promisc: "boolean",
  allmulti: "boolean",
};

/** What of a link is a flag, IFF_…: which of them are set, and which are to change. */
export function flagsOf(
  { up, arp, promisc, allmulti }: Pick<LinkBase, "up" | "arp" | "promisc" | "allmulti">,
): { readonly flags: number; readonly change: number } {
  const noArp = arp === undefined ? undefined : !arp;
  return {
    flags: (up ? IFF_UP : 0) | (noArp ? IFF_NOARP : 0) | (promisc ? IFF_PROMISC : 0) | (allmulti ? IFF_ALLMULTI : 0),
    change: (up === undefined ? 0 : IFF_UP) | (noArp === undefined ? 0 : IFF_NOARP) |
      (promisc === undefined ? 0 : IFF_PROMISC) | (allmulti === undefined ? 0 : IFF_ALLMULTI),
  };
}

/** The message about a link to make; `more` is what its kind adds. A spread of either takes longer than all the rest. */
export function baseMessage(
  link: LinkEnd,
  more: Pick<LinkAttributes, "link" | "master" | "info"> = {},
): LinkHeader & { readonly attributes: LinkAttributes } {
  const { up, arp, promisc, allmulti } = link;
  const { flags, change } = flagsOf({ up: up || undefined, arp, promisc, allmulti });
  return {
    family: AF_UNSPEC,
    type: 0,
    index: link.index ?? 0,
    flags,
    change,
    attributes: {
      name: linkName(link.name),
      address: link.address === undefined ? undefined : ethernet(link.address),
      mtu: link.mtu,
      netnsFd: link.netns && descriptorOf(link.netns),
      // Without these the kernel makes a queue for each possible CPU, removes all but one, and waits for that.
      numTxQueues: link.numTxQueues ?? 1,
      numRxQueues: link.numRxQueues ?? 1,
      txQueueLength: link.txQueueLength,
      link: more.link,
      master: more.master,
      info: more.info,
    },
  };
}

/** The bytes of the other end of a pair, as its kind's attributes hold it. */
export function encodeEnd(link: LinkEnd): Uint8Array<ArrayBuffer> {
  return linkMessage.encode(baseMessage(link));
}

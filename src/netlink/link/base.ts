/** What links of every kind are made with. */
import { AF_UNSPEC } from "../../../ffi/mod.ts";
import { descriptorOf } from "../namespace_fd.ts";
import { IFF_UP } from "../constants/link.ts";
import { ethernet } from "../wire/mac.ts";
import { type LinkAttributes, type LinkHeader, linkMessage } from "./message.ts";
import { linkName } from "./ref.ts";

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
  /** The index of the bridge or VRF that it becomes a port of. */
  readonly master?: number | undefined;
}

/** Either end of a pair. */
export type LinkEnd = Omit<LinkBase, "master">;

/** The fields of {@linkcode LinkBase}. */
export const BASE_FIELDS: Readonly<Record<keyof LinkBase, true>> = {
  name: true,
  index: true,
  address: true,
  mtu: true,
  netns: true,
  up: true,
  master: true,
};

/** The message about a link to make; `more` is what its kind adds. */
export function baseMessage(
  link: LinkEnd,
  more: LinkAttributes = {},
): LinkHeader & { readonly attributes: LinkAttributes } {
  const flags = link.up ? IFF_UP : 0;
  return {
    family: AF_UNSPEC,
    type: 0,
    index: link.index ?? 0,
    flags,
    change: flags,
    attributes: {
      name: linkName(link.name),
      address: link.address === undefined ? undefined : ethernet(link.address),
      mtu: link.mtu,
      netnsFd: link.netns && descriptorOf(link.netns),
      // Without these the kernel makes a queue for each possible CPU, removes all but one, and waits for that.
      numTxQueues: 1,
      numRxQueues: 1,
      ...more,
    },
  };
}

/** The bytes of the other end of a pair, as its kind's attributes hold it. */
export function encodeEnd(link: LinkEnd): Uint8Array<ArrayBuffer> {
  return linkMessage.encode(baseMessage(link));
}

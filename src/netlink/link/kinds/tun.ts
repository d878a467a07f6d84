/** TUNs and TAPs, which netlink reads and /dev/net/tun makes: IFLA_TUN_…. See linux/if_link.h, linux/if_tun.h. */
import { close, openTap } from "../../../../ffi/mod.ts";
import { flag } from "../../wire/flags.ts";
import { named } from "../../wire/named_numbers.ts";
import { u32, u8 } from "../../wire/numbers.ts";
import type { Kind } from "./link_kind.ts";
import { type KeptOptions, optionsOf } from "./kind_options.ts";

/** What a program exchanges with the link: IP packets (TUN) or Ethernet frames (TAP). */
export type TunMode = "tun" | "tap";

/** IFF_… of linux/if_tun.h */
export const TUN_MODES: Readonly<Record<TunMode, number>> = { tun: 1, tap: 2 };

/** What is particular to a TUN or TAP. */
export interface TunOptions extends KeptOptions {
  /** What it carries; a number, if this library has no name for it. */
  readonly mode?: TunMode | number | undefined;
  /** It stays when the program that made it closes it. */
  readonly persistent?: boolean | undefined;
  /** The user id who may open it. */
  readonly owner?: number | undefined;
  /** The group id whose members may open it. */
  readonly group?: number | undefined;
  /** Packets have a header with their protocol. */
  readonly pi?: boolean | undefined;
  /** Packets have a header of virtio. */
  readonly vnetHdr?: boolean | undefined;
  /** Several descriptors read and write it. */
  readonly multiQueue?: boolean | undefined;
  /** How many descriptors read and write it; with `multiQueue`. */
  readonly numqueues?: number | undefined;
  /** How many descriptors do not, for the time being; with `multiQueue`. */
  readonly numdisabled?: number | undefined;
}

const options = optionsOf<TunOptions>({
  owner: [1, u32], // IFLA_TUN_OWNER
  group: [2, u32], // IFLA_TUN_GROUP
  mode: [3, named(u8, TUN_MODES)], // IFLA_TUN_TYPE
  pi: [4, flag], // IFLA_TUN_PI
  vnetHdr: [5, flag], // IFLA_TUN_VNET_HDR
  persistent: [6, flag], // IFLA_TUN_PERSIST
  multiQueue: [7, flag], // IFLA_TUN_MULTI_QUEUE
  numqueues: [8, u32], // IFLA_TUN_NUM_QUEUES
  numdisabled: [9, u32], // IFLA_TUN_NUM_DISABLED_QUEUES
});

/** {@linkcode TunOptions} */
export const tun: Kind<"tun", never, TunOptions> = {
  kind: "tun",
  about: "a link whose other end is a program (TUN or TAP); made by `createTun`, not by `addLink`",
  kernel: { option: "CONFIG_TUN", module: "tun", container: "--device /dev/net/tun" },
  fields: () => ({}),
  probe: { make: (name) => close(openTap(name)) },
  options,
};

/** TUNs and TAPs, which netlink reads and /dev/net/tun makes: IFLA_TUN_…. See linux/if_link.h, linux/if_tun.h. */
import { close, openTap } from "../../../../ffi/mod.ts";
import { attributesOf } from "../../wire/codec.ts";
import { flag, named, u8 } from "../../wire/values.ts";
import type { Kind } from "./kind.ts";

/** What a program exchanges with the link: IP packets (TUN) or Ethernet frames (TAP). */
export type TunMode = "tun" | "tap";

/** IFF_… of linux/if_tun.h */
const MODES: Readonly<Record<TunMode, number>> = { tun: 1, tap: 2 };

/** What is particular to a TUN or TAP. */
export interface TunOptions {
  /** What it carries; a number, if this library has no name for it. */
  readonly mode?: TunMode | number | undefined;
  /** It stays when the program that made it closes it. */
  readonly persistent?: boolean | undefined;
}

const data = attributesOf<TunOptions>({
  mode: [3, named(u8, MODES)], // IFLA_TUN_TYPE
  persistent: [6, flag], // IFLA_TUN_PERSIST
});

/** {@linkcode TunOptions} */
export const tun: Kind<"tun", never, TunOptions> = {
  kind: "tun",
  about: "a link whose other end is a program (TUN or TAP); listed only",
  kernel: { option: "CONFIG_TUN", module: "tun", container: "--device /dev/net/tun" },
  fields: {},
  probe: { make: (name) => close(openTap(name)) },
  decode: data.decodeKnown,
};

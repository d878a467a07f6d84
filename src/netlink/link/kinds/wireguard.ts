/** WireGuard tunnels, whose keys and peers generic netlink sets. See ip-link(8). */
import type { LinkBase } from "../base.ts";
import type { Kind } from "./link_kind.ts";

/** A WireGuard tunnel; its keys and peers are set by {@linkcode Wireguard}. */
export interface WireguardSpec extends LinkBase {
  /** The tag of the union. */
  readonly kind: "wireguard";
}

/** {@linkcode WireguardSpec} */
export const wireguard: Kind<"wireguard", WireguardSpec, never> = {
  kind: "wireguard",
  about: "an encrypted tunnel, whose keys and peers are set by generic netlink",
  kernel: { option: "CONFIG_WIREGUARD", module: "wireguard" },
  fields: () => ({}),
  probe: { spec: (name) => ({ kind: "wireguard", name }) },
};

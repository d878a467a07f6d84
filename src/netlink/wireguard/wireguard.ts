/** Sockets of WireGuard. */
import { constants } from "node:os";
import { Closable } from "../closable.ts";
import { NetlinkError } from "../../errors.ts";
import { GenericNetlink } from "../generic/generic.ts";
import { labelOf, type LinkRef, namedOrIndexed } from "../link/ref.ts";
import { device, WG_CMD_GET_DEVICE, WG_CMD_SET_DEVICE } from "./message.ts";
import { deviceOf } from "./reply.ts";
import { changeMessages } from "./request.ts";
import type { WireguardChange, WireguardDevice } from "./types.ts";

/**
 * Keys, ports and peers of WireGuard links, as `wg show` and `wg set` have them. It stays in the namespace in which it
 * was opened; {@linkcode NsHandle.wireguard} opens it in another. The link itself is made by {@linkcode Netlink.addLink},
 * and keeps its UDP socket in the namespace in which it was made.
 *
 * Close it, or declare it with `using`. Every call is synchronous and needs CAP_NET_ADMIN. Keys are text in base64, as
 * `wg genkey` prints them; no error shows one. See wg(8).
 *
 * @example Give a link a key and a peer
 * ```ts ignore
 * using wireguard = ns.wireguard();
 * wireguard.setDevice({ name: "wg0" }, {
 *   privateKey,
 *   listenPort: 51820,
 *   peers: [{ publicKey, endpoint: "192.0.2.1:51820", allowedIps: ["10.0.0.2/32"], persistentKeepalive: 25 }],
 * });
 * console.log(wireguard.getDevice({ name: "wg0" }).peers[0]?.latestHandshake);
 * ```
 */
export class Wireguard extends Closable {
  readonly #generic: GenericNetlink;

  private constructor(generic: GenericNetlink) {
    super(generic);
    this.#generic = generic;
  }

  /**
   * Opens a socket in the namespace of the calling thread.
   *
   * @throws {NetlinkError} `ENOENT`: the kernel lacks WireGuard, or its module is not loaded.
   * @throws {SyscallError} `EMFILE`: no descriptor is left.
   */
  static open(): Wireguard {
    return new Wireguard(GenericNetlink.open("wireguard"));
  }

  /**
   * A link with its keys and its peers.
   *
   * @throws {NetlinkError} `ENODEV`: there is no such link. `EOPNOTSUPP`: it is of another kind.
   */
  getDevice(link: LinkRef): WireguardDevice {
    const label = `WG_CMD_GET_DEVICE ${labelOf(link)}`;
    const replies = this.#generic.dump(device, { command: WG_CMD_GET_DEVICE, attributes: namedOrIndexed(link), label });
    if (replies.length === 0) throw new NetlinkError(label, constants.errno.ENODATA, "the kernel gave no answer");
    return deviceOf(replies.map(({ attributes }) => attributes));
  }

  /**
   * Changes a link and its peers: what the change does not name stays. A change that is too long for one request is
   * sent in several; if one is refused, the earlier ones stay. It takes what {@linkcode Wireguard.getDevice} gave, too.
   *
   * @throws {NetlinkError} `ENODEV`: there is no such link. `EOPNOTSUPP`: it is of another kind. `EADDRINUSE`: the port is
   * taken.
   * @throws {TypeError} A key, an endpoint or an address is none; or there is no such field.
   * @throws {RangeError} A number does not fit.
   */
  setDevice(link: LinkRef, change: WireguardChange): void {
    const label = `WG_CMD_SET_DEVICE ${labelOf(link)}`;
    // Encoded before the first is sent: what cannot be encoded changes nothing.
    const messages = changeMessages(change).map((message) => ({ ...namedOrIndexed(link), ...message }));
    for (const message of messages) device.encode(message);
    for (const attributes of messages) {
      this.#generic.request(device, { command: WG_CMD_SET_DEVICE, attributes, label });
    }
  }
}

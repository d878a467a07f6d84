/** Sockets of ethtool netlink. */
import { constants } from "node:os";
import { Closable } from "../closable.ts";
import { NetlinkError, shown } from "../../errors.ts";
import { GenericNetlink } from "../generic/generic.ts";
import { labelOf, type LinkRef } from "../link/ref.ts";
import { channelsCodec, channelsOf, checkChannels, type LinkChannelCounts, type LinkChannels } from "./channels.ts";
import { featuresCodec, featuresOf, type LinkFeatures, wantedBits } from "./features.ts";
import { headerOf } from "./message.ts";

// ETHTOOL_MSG_…
const FEATURES_GET = 11;
const FEATURES_SET = 12;
const CHANNELS_GET = 17;
const CHANNELS_SET = 18;

/**
 * Hardware settings of links: features (offloads) and channels, as `ethtool` reads and sets them. It stays in the
 * namespace in which it was opened; {@linkcode NsHandle.ethtool} opens it in another. Every call is synchronous.
 *
 * Close it, or declare it with `using`. Setting needs CAP_NET_ADMIN. See ethtool(8),
 * Documentation/networking/ethtool-netlink.rst in the kernel's source.
 *
 * @example Turn an offload off
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { NsHandle } from "@netns/netns";
 *
 * using ns = NsHandle.create();
 * using netlink = ns.netlink();
 * using ethtool = ns.ethtool();
 * netlink.addLink({ kind: "veth", name: "a", peer: { name: "b" } });
 * ethtool.setFeatures({ name: "a" }, { "tx-checksum-ip-generic": false });
 * assertEquals(ethtool.getFeatures({ name: "a" })["tx-checksum-ip-generic"]?.active, false);
 * ```
 */
export class Ethtool extends Closable {
  readonly #generic: GenericNetlink;

  private constructor(generic: GenericNetlink) {
    super(generic);
    this.#generic = generic;
  }

  /**
   * Opens a socket in the namespace of the calling thread.
   *
   * @throws {NetlinkError} `ENOENT`: the kernel lacks ethtool netlink; it has it since 5.6, if it was built with it.
   * @throws {SyscallError} `EMFILE`: no descriptor is left.
   */
  static open(): Ethtool {
    return new Ethtool(GenericNetlink.open("ethtool"));
  }

  /**
   * The features of a link, all that the kernel knows.
   *
   * @throws {NetlinkError} `ENODEV`: there is no such link.
   */
  getFeatures(link: LinkRef): LinkFeatures {
    const label = `ETHTOOL_MSG_FEATURES_GET ${labelOf(link)}`;
    const [reply] = this.#generic.request(featuresCodec, {
      command: FEATURES_GET,
      attributes: { header: headerOf(link) },
      label,
    });
    return featuresOf(expectReply(reply, label).attributes);
  }

  /**
   * Turns features of a link on or off; the others stay, save those that depend on one of these.
   *
   * @param features By the kernel's names, as {@linkcode Ethtool.getFeatures} has them.
   * @throws {NetlinkError} `ENODEV`: there is no such link. `EOPNOTSUPP`: the kernel has no such feature, or it is not as
   * asked for afterwards: it is fixed, or depends on another one. What could be changed stays changed.
   * @throws {TypeError} A value is neither true nor false.
   */
  setFeatures(link: LinkRef, features: Readonly<Record<string, boolean>>): void {
    if (typeof features !== "object" || features === null || Array.isArray(features)) { // untyped code may give anything
      throw new TypeError(`Cannot use ${shown(features)} as features: expected { name: true or false }`);
    }
    for (const [name, on] of Object.entries(features)) {
      if (typeof on !== "boolean") {
        throw new TypeError(`Cannot use ${shown(on)} as the feature ${name}: expected true or false`);
      }
    }
    const label = `ETHTOOL_MSG_FEATURES_SET ${labelOf(link)}`;
    if (Object.keys(features).length === 0) return;
    const [reply] = this.#generic.request(featuresCodec, {
      command: FEATURES_SET,
      attributes: { header: headerOf(link), wanted: wantedBits(features) },
      label,
    });
    // The kernel answers with what it did not do: bits of what was wanted that are not so.
    const missed = (reply?.attributes.wanted?.bits?.bit ?? []).flatMap(({ name }) => name ?? []);
    const refused = missed.filter((name) => name in features);
    if (refused.length === 0) return;
    throw new NetlinkError(label, constants.errno.EOPNOTSUPP, `${refused.join(", ")} did not change`, {
      remedy: "the link has it fixed, or it depends on another feature",
    });
  }

  /**
   * The channels of a link.
   *
   * @throws {NetlinkError} `ENODEV`: there is no such link. `EOPNOTSUPP`: it has no channels, as a bridge.
   */
  getChannels(link: LinkRef): LinkChannelCounts {
    const label = `ETHTOOL_MSG_CHANNELS_GET ${labelOf(link)}`;
    const [reply] = this.#generic.request(channelsCodec, {
      command: CHANNELS_GET,
      attributes: { header: headerOf(link) },
      label,
    });
    return channelsOf(expectReply(reply, label).attributes);
  }

  /**
   * Changes how many channels a link has; kinds that are not named stay. It takes what {@linkcode Ethtool.getChannels}
   * gave, too.
   *
   * @throws {NetlinkError} `EINVAL`: more than the link can have. `EOPNOTSUPP`: it has no channels, or they are fixed.
   * @throws {TypeError} There is no such kind of channel.
   */
  setChannels(link: LinkRef, channels: LinkChannels): void {
    checkChannels(channels);
    this.#generic.request(channelsCodec, {
      command: CHANNELS_SET,
      attributes: { header: headerOf(link), ...channels },
      label: `ETHTOOL_MSG_CHANNELS_SET ${labelOf(link)}`,
    });
  }
}

function expectReply<T>(reply: T | undefined, label: string): T {
  if (reply !== undefined) return reply;
  throw new NetlinkError(label, constants.errno.ENODATA, "the kernel gave no answer");
}

/** The changes of traffic control. See tc(8). */
import { NamespaceIdRequests } from "../nsid/requests.ts";
import { deleteClassRequest, newClassRequest } from "./class/request.ts";
import type { TcClassRef, TcClassSpec } from "./class/types.ts";
import { deleteFilterRequest, newFilterRequest } from "./filter/request.ts";
import type { TcFilterRef, TcFilterSpec } from "./filter/types.ts";
import type { IndexOf } from "./tc_kind.ts";
import { deleteQdiscRequest, newQdiscRequest } from "./qdisc/request.ts";
import type { QdiscRef, QdiscSpec } from "./qdisc/types.ts";

/** The changes of traffic control: qdiscs, classes, filters. */
export abstract class TrafficControlRequests extends NamespaceIdRequests {
  /**
   * Attaches a qdisc to a link: times of netem are nanoseconds, rates bytes a second, shares percentages. What was listed
   * is sent back as it is. See tc(8), and tc-netem(8) and the like for the kinds.
   *
   * @throws {NetlinkError} `EEXIST`: the parent has one. `ENOENT`: the kernel lacks the kind. `ENODEV`: there is no such link.
   * @throws {TypeError} An option is none of the kind, or one that the kind needs is missing.
   *
   * @example A link with a delay and losses
   * ```ts ignore
   * netlink.addQdisc({ link: "eth0", kind: "netem", delay: 100_000_000, jitter: 10_000_000, loss: 1 });
   * ```
   */
  addQdisc(qdisc: QdiscSpec): void {
    this.perform(newQdiscRequest(qdisc, "add", this.#indexOf));
  }

  /**
   * Attaches a qdisc, in the place of the one that the parent has. The options of one of the same kind are changed, which
   * some kinds do not allow: htb.
   *
   * @throws {NetlinkError} `EINVAL`: the kind changes nothing. Else as {@linkcode addQdisc}.
   */
  replaceQdisc(qdisc: QdiscSpec): void {
    this.perform(newQdiscRequest(qdisc, "replace", this.#indexOf));
  }

  /**
   * Changes the options of a qdisc; which of those that are not given stay, depends on the kind.
   *
   * @throws {NetlinkError} `ENOENT`: there is none. `EINVAL`: it is of another kind, or the kind changes nothing.
   */
  changeQdisc(qdisc: QdiscSpec): void {
    this.perform(newQdiscRequest(qdisc, "change", this.#indexOf));
  }

  /**
   * Deletes a qdisc with its classes and filters; the kernel puts its own in its place.
   *
   * @throws {NetlinkError} `ENOENT`: there is none but the kernel's own. `EINVAL`: it has another handle or kind.
   */
  deleteQdisc(qdisc: QdiscRef): void {
    this.perform(deleteQdiscRequest(qdisc, this.#indexOf));
  }

  /**
   * Adds a class to a qdisc that has classes, as htb.
   *
   * @throws {NetlinkError} `EEXIST`: there is one of the handle. `EINVAL`: there is no such parent.
   *
   * @example Two rates on a link
   * ```ts ignore
   * netlink.addQdisc({ link: "eth0", kind: "htb", handle: "1:", default: 0x20 });
   * netlink.addClass({ link: "eth0", kind: "htb", parent: "1:", handle: "1:10", rate: 1_250_000 });
   * netlink.addClass({ link: "eth0", kind: "htb", parent: "1:", handle: "1:20", rate: 125_000, ceil: 1_250_000 });
   * ```
   */
  addClass(tcClass: TcClassSpec): void {
    this.perform(newClassRequest(tcClass, "add", this.#indexOf));
  }

  /**
   * Adds a class, or changes the one of the handle.
   *
   * @throws {NetlinkError} `EINVAL`: there is no such parent.
   */
  replaceClass(tcClass: TcClassSpec): void {
    this.perform(newClassRequest(tcClass, "replace", this.#indexOf));
  }

  /**
   * Deletes a class.
   *
   * @throws {NetlinkError} `ENOENT`: there is none. `EBUSY`: classes or filters need it.
   */
  deleteClass(tcClass: TcClassRef): void {
    this.perform(deleteClassRequest(tcClass, this.#indexOf));
  }

  /**
   * Adds a filter, with the actions for the packets that it finds.
   *
   * @throws {NetlinkError} `EEXIST`: there is one of the handle. `EINVAL`: there is no such parent. `ENOENT`: the kernel
   *   lacks the kind, or that of an action.
   *
   * @example All that comes in by one link leaves by another
   * ```ts ignore
   * netlink.addQdisc({ link: "eth0", kind: "clsact" });
   * netlink.addFilter({
   *   link: "eth0",
   *   parent: "ingress",
   *   kind: "matchall",
   *   actions: [{ kind: "mirred", action: "redirect", link: "ifb0" }],
   * });
   * ```
   */
  addFilter(filter: TcFilterSpec): void {
    this.perform(newFilterRequest(filter, "add", this.#indexOf));
  }

  /**
   * Adds a filter, or replaces the one of the same parent, chain, pref and handle; a matchall is never replaced.
   *
   * @throws {NetlinkError} `EEXIST`: it is a matchall, which the kernel does not change. Else as {@linkcode addFilter}.
   */
  replaceFilter(filter: TcFilterSpec): void {
    this.perform(newFilterRequest(filter, "replace", this.#indexOf));
  }

  /**
   * Deletes filters: one that was listed, all of a `pref`, or all of a `parent`.
   *
   * @throws {NetlinkError} `ENOENT`: there is none.
   */
  deleteFilter(filter: TcFilterRef): void {
    this.perform(deleteFilterRequest(filter, this.#indexOf));
  }

  readonly #indexOf: IndexOf = (link) => this.indexOf(link);
}

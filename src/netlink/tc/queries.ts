/** The qdiscs, classes and filters that there are. See tc(8). */
import type { LinkRef } from "../link/ref.ts";
import { NamespaceIdQueries } from "../nsid/queries.ts";
import { decodeClass } from "./class/reply.ts";
import { listClassesRequest } from "./class/request.ts";
import type { TcClass } from "./class/types.ts";
import { decodeFilter } from "./filter/reply.ts";
import { listFiltersRequest } from "./filter/request.ts";
import type { TcFilter, TcFilterFilter } from "./filter/types.ts";
import { decodeQdisc } from "./qdisc/reply.ts";
import { listQdiscsRequest } from "./qdisc/request.ts";
import type { Qdisc, QdiscFilter } from "./qdisc/types.ts";
import { linkOf } from "./target.ts";
import type { NamesLink } from "../link/ref.ts";
import { checkedU32 } from "../wire/numbers.ts";

/** The qdiscs, classes and filters that there are. */
export abstract class TrafficControlQueries extends NamespaceIdQueries {
  /**
   * Qdiscs with their counters: of all links, or of one.
   *
   * @throws {NetlinkError} `ENODEV`: there is no such link.
   *
   * @example How much waits
   * ```ts
   * import { NsHandle } from "@netns/netns";
   *
   * using ns = NsHandle.create();
   * using netlink = ns.netlink();
   * for (const { kind, handle, backlog } of netlink.listQdiscs({ link: "lo" })) console.log(kind, handle, backlog);
   * ```
   */
  listQdiscs(filter: QdiscFilter | LinkRef = {}): Qdisc[] {
    const given = isRef(filter) ? { link: filter } : filter;
    const request = listQdiscsRequest(given);
    const { link, linkIndex: only } = given;
    const index = link !== undefined
      ? this.indexOf(link)
      : only === undefined
      ? undefined
      : checkedU32(only, "linkIndex");
    const all = this.dump(request, decodeQdisc);
    return all.filter(({ linkIndex }) => index === undefined || linkIndex === index); // the kernel gives those of all links
  }

  /**
   * The classes of a link with their counters.
   *
   * @throws {NetlinkError} `ENODEV`: there is no such link.
   */
  listClasses(link: NamesLink | LinkRef): TcClass[] {
    const index = this.indexOf(isRef(link) ? link : linkOf(link, "a filter of classes"));
    return this.dump(listClassesRequest(index), decodeClass);
  }

  /**
   * The filters of a link, in the order in which the kernel asks them: those of one parent, or all of the link.
   *
   * @throws {NetlinkError} `ENODEV`: there is no such link. `EINVAL`: the parent takes no filters.
   */
  listFilters(filter: TcFilterFilter | LinkRef): TcFilter[] {
    const given: TcFilterFilter = isRef(filter) ? { link: filter } : filter;
    const index = this.indexOf(linkOf(given, "a filter of filters"));
    const parents = given.parent === undefined ? this.#parents(index) : [given.parent];
    return parents.flatMap((parent) => this.dump(listFiltersRequest(index, parent, given.chain), decodeFilter));
  }

  /** All on a link that filters can be attached to. */
  #parents(index: number): string[] {
    const qdiscs = this.listQdiscs({ linkIndex: index }).flatMap(({ kind, handle }) => {
      if (kind === "clsact") return ["ingress", "egress"];
      if (kind === "ingress") return ["ingress"];
      return handle === "0:" ? [] : [handle];
    });
    return [...qdiscs, ...this.listClasses({ linkIndex: index }).map(({ handle }) => handle)];
  }
}

/** True of a link that is given alone. */
function isRef(given: NamesLink | LinkRef): given is LinkRef {
  return typeof given === "string" ||
    typeof given === "object" && given !== null && ("name" in given || "index" in given);
}

/** The links that there are. See ip-link(8). */
import { constants } from "node:os";
import { NetlinkError } from "../../errors.ts";
import { FamilyQueries } from "../family_queries.ts";
import { hasIndex, type LinkRef } from "./ref.ts";
import { decodeLink } from "./reply.ts";
import { getLinkRequest, listLinksRequest } from "./request.ts";
import type { Link, LinkListOptions } from "./types.ts";

/** The links that there are. */
export abstract class LinkQueries extends FamilyQueries {
  /**
   * All links, in the order of their indexes.
   *
   * @param options Whether they have their counters.
   * @throws {NetlinkError} The kernel refused it.
   */
  listLinks(options: LinkListOptions = {}): Link[] {
    const links = this.dump(listLinksRequest(options), (body) => decodeLink(body, options));
    return links.sort((a, b) => a.index - b.index); // before Linux 6.9 the kernel sends them in the order of a hash table
  }

  /**
   * One link.
   *
   * @param options Whether it has its counters.
   * @throws {NetlinkError} `ENODEV`: there is none.
   */
  getLink(link: LinkRef, options: LinkListOptions = {}): Link {
    const request = getLinkRequest(link, options);
    const found = this.get(request, (body) => decodeLink(body, options));
    if (found === undefined) throw new NetlinkError(request.label, constants.errno.ENODEV, "the kernel gave no answer");
    return found;
  }

  /** The index of a link; a name is looked up. */
  protected override indexOf(link: LinkRef): number {
    return hasIndex(link) ? link.index : this.getLink(link).index;
  }
}

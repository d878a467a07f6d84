/** The next-hop objects that there are. See ip-nexthop(8). */
import { withIndex } from "../link/ref.ts";
import { RouteQueries } from "../route/queries.ts";
import { decodeNextHop } from "./reply.ts";
import { listNextHopsRequest } from "./request.ts";
import type { NextHopFilter, NextHopObject } from "./types.ts";

/** The next-hop objects that there are. */
export abstract class NextHopQueries extends RouteQueries {
  /**
   * Next-hop objects and their groups: all, or those that `filter` lets through.
   *
   * @throws {NetlinkError} `EOPNOTSUPP`: the kernel is older than 5.3.
   */
  listNextHops(filter: NextHopFilter = {}): NextHopObject[] {
    const own = withIndex(filter, (link) => this.indexOf(link));
    return this.dump(listNextHopsRequest(own), decodeNextHop);
  }
}

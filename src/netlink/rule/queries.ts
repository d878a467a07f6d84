/** The rules that there are. See ip-rule(8). */
import { NextHopQueries } from "../nexthop/queries.ts";
import { rulesOf } from "./reply.ts";
import { listRulesRequest } from "./request.ts";
import type { Rule, RuleFilter } from "./types.ts";

/** The rules that there are. */
export abstract class RuleQueries extends NextHopQueries {
  /**
   * Rules of both IP versions in the order of their priorities: all, or those that `filter` lets through.
   *
   * @throws {NetlinkError} `EOPNOTSUPP`: the kernel has no rules.
   */
  listRules(filter: RuleFilter = {}): Rule[] {
    return rulesOf(this.dump(listRulesRequest(filter)), filter);
  }
}

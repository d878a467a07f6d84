/** The rules that there are. See ip-rule(8). */
import { constants } from "node:os";
import { NetlinkError } from "../../errors.ts";
import { isOfFamily } from "../family_filter.ts";
import { NLM_F_CREATE } from "../wire/framing.ts";
import { checkedU32 } from "../wire/numbers.ts";
import { NextHopQueries } from "../nexthop/queries.ts";
import { decodeRule } from "./reply.ts";
import { addRuleRequest, deleteRuleRequest, listRulesRequest, withLinkNames } from "./request.ts";
import { isListed, removalOf, sameRule } from "./twins.ts";
import type { Rule, RuleFilter, RuleSpec } from "./types.ts";

/** The rules that there are. */
export abstract class RuleQueries extends NextHopQueries {
  /**
   * Rules of both IP versions in the order of their priorities: all, or those that `filter` lets through.
   *
   * @throws {NetlinkError} `EOPNOTSUPP`: the kernel has no rules.
   */
  listRules(filter: RuleFilter = {}): Rule[] {
    const request = listRulesRequest(filter);
    const wanted = filter.table === undefined ? undefined : checkedU32(filter.table, "table");
    return this.dump(request, decodeRule).filter(({ family, table }) => (
      isOfFamily(filter.family, family) && (wanted === undefined || table === wanted)
    ));
  }

  /**
   * Adds a rule; one that was listed, as it was listed, also among twins that the kernel takes for the same.
   *
   * @throws {NetlinkError} `EEXIST`: there is one. `EINVAL`: it does not go together. `ENODEV`: no link has the index.
   * @throws {TypeError} A network is not one; or the rule has another field.
   *
   * @example What is marked takes another table
   * ```ts ignore
   * netlink.addRule({ fwmark: 1, table: 100, priority: 1000 });
   * netlink.addRule({ src: "10.0.0.0/8", dport: [80, 90], ipproto: 6, table: 100 });
   * ```
   */
  override addRule(spec: RuleSpec): void {
    const rule = this.#named(spec);
    const request = addRuleRequest(rule);
    const [refused] = this.tryAll([request]);
    if (refused === undefined) return;
    if (refused.code !== "EEXIST" || !isListed(rule)) throw refused;
    if (this.listRules({ family: rule.family }).some((one) => sameRule(one, rule))) throw refused;
    this.perform({ ...request, flags: NLM_F_CREATE });
  }

  /**
   * Deletes a rule. One that was listed is deleted and no other, whatever twins it has. Of another, the kernel compares
   * what is given alone, and deletes the first that fits.
   *
   * The kernel cannot name the one of a priority that asks for less than one before it. Then the rules of that priority are
   * appended again and the old ones deleted; in between, one of them may come before another that was first.
   *
   * @throws {NetlinkError} `ENOENT`: there is none.
   * @throws {TypeError} A network is not one; or the rule has another field.
   */
  override deleteRule(spec: RuleSpec): void {
    const rule = this.#named(spec);
    const request = deleteRuleRequest(rule);
    if (!isListed(rule)) return this.perform(request);
    const removal = removalOf(rule, this.listRules({ family: rule.family }));
    if (removal === undefined) throw new NetlinkError(request.label, constants.errno.ENOENT);
    for (const [done, twin] of removal.append.entries()) {
      try {
        this.perform({ ...addRuleRequest(twin), flags: NLM_F_CREATE });
      } catch (error) {
        this.tryAll(removal.append.slice(0, done).map(deleteRuleRequest)); // what was appended takes their place
        throw error;
      }
    }
    const refused = this.tryAll(removal.remove.map(deleteRuleRequest)).find((error) => error !== undefined);
    if (refused !== undefined) throw refused;
  }

  #named(rule: RuleSpec): RuleSpec {
    return withLinkNames(rule, (link) => this.getLink(link).name);
  }
}

/** The changes of rules. See ip-rule(8). */
import { NextHopRequests } from "../nexthop/requests.ts";
import { addRuleRequest, deleteRuleRequest } from "./request.ts";
import type { RuleSpec } from "./types.ts";

/** The changes of rules. */
export abstract class RuleRequests extends NextHopRequests {
  /**
   * Adds a rule; one that was listed, as it was listed.
   *
   * @throws {NetlinkError} `EEXIST`: there is one. `EINVAL`: it does not go together.
   * @throws {TypeError} A network is not one; or the rule has another field.
   *
   * @example What is marked takes another table
   * ```ts ignore
   * netlink.addRule({ fwmark: 1, table: 100, priority: 1000 });
   * netlink.addRule({ src: "10.0.0.0/8", dport: [80, 90], ipproto: 6, table: 100 });
   * ```
   */
  addRule(rule: RuleSpec): void {
    this.perform(addRuleRequest(rule));
  }

  /**
   * Deletes the first rule that fits. The kernel compares what is given alone: of two rules of one priority, one that
   * asks for less also fits the one that asks for more. Outside a batch, one that was listed is deleted and no other.
   *
   * @throws {NetlinkError} `ENOENT`: there is none. `EPERM`: it is the kernel's own.
   * @throws {TypeError} A network is not one; or the rule has another field.
   */
  deleteRule(rule: RuleSpec): void {
    this.perform(deleteRuleRequest(rule));
  }
}

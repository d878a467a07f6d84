/** Actions and flags of rules: FR_ACT_… and FIB_RULE_… of linux/fib_rules.h. */

/** What a rule does with a packet: looks in its table, goes on at another rule, does nothing, or drops it. */
export type RuleAction = "lookup" | "goto" | "nop" | "blackhole" | "unreachable" | "prohibit";

/** FR_ACT_… */
export const RULE_ACTIONS: Readonly<Record<RuleAction, number>> = {
  lookup: 1,
  goto: 2,
  nop: 3,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
};

/** Packets that do not fit. */
export const FIB_RULE_INVERT = 0x2;

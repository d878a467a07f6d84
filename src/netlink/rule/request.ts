/** Requests about rules: RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE. See ip-rule(8). */
import { constants } from "node:os";
import { AF_INET, AF_UNSPEC } from "../../../ffi/mod.ts";
import { filteredFamily } from "../family_filter.ts";
import { shown } from "../../errors.ts";
import { RTM_DELRULE, RTM_GETRULE, RTM_NEWRULE } from "../constants/messages.ts";
import { RT_TABLE_MAIN, RT_TABLE_UNSPEC, RTPROT_BOOT } from "../constants/route.ts";
import { FIB_RULE_INVERT, RULE_ACTIONS } from "../constants/rule.ts";
import { fieldsOf } from "../../argument_fields.ts";
import { fieldNames } from "../wire/codec.ts";
import { type NetlinkRequest, NLM_F_CREATE, NLM_F_EXCL } from "../wire/framing.ts";
import { afOf, ipPrefixOf } from "../wire/ip.ts";
import { numberOf } from "../wire/named_numbers.ts";
import { ruleMessage, type WireRange } from "./message.ts";
import type { Range, RuleFilter, RuleLink, RuleSpec } from "./types.ts";

/** The largest number of a table that the header holds. */
const MOST_IN_HEADER = 255;

const fieldAt = fieldNames(ruleMessage, { flow: "realm" });

const checkFilter = fieldsOf<RuleFilter>("a filter of rules", { family: true, table: true });

const checkSpec = fieldsOf<RuleSpec>("a rule", {
  family: true,
  priority: true,
  action: true,
  table: true,
  goto: true,
  not: "boolean",
  src: true,
  dst: true,
  iif: true,
  oif: true,
  fwmark: true,
  fwmask: true,
  tos: true,
  dscp: true,
  dscpMask: true,
  flowLabel: true,
  flowLabelMask: true,
  ipproto: true,
  sport: true,
  sportMask: true,
  dport: true,
  dportMask: true,
  uidrange: true,
  tunId: true,
  l3mdev: "boolean",
  suppressPrefixlength: true,
  suppressIfgroup: true,
  realm: true,
  protocol: true,
  flags: true,
  unknown: "list",
});

const EMPTY_HEADER = { family: AF_UNSPEC, dstLength: 0, srcLength: 0, tos: 0, table: 0, action: 0, flags: 0 };

/** The request for the rules that a filter lets through. */
export function listRulesRequest(filter: RuleFilter): NetlinkRequest {
  checkFilter(filter);
  const family = filteredFamily(filter.family);
  const body = ruleMessage.encode({ ...EMPTY_HEADER, family, attributes: {} });
  const noneAt = family === AF_UNSPEC ? undefined : constants.errno.EAFNOSUPPORT; // the kernel has no such family
  return { type: RTM_GETRULE, flags: 0, body, label: "RTM_GETRULE", noneAt };
}

/**
 * The request that adds a rule.
 *
 * @throws {TypeError} A network is not one; or the rule has another field.
 */
export function addRuleRequest(spec: RuleSpec): NetlinkRequest {
  const body = encodeRule(spec, false);
  return { type: RTM_NEWRULE, flags: NLM_F_CREATE | NLM_F_EXCL, body, label: labelOf("RTM_NEWRULE", spec), fieldAt };
}

/** The request that deletes the first rule that fits. */
export function deleteRuleRequest(spec: RuleSpec): NetlinkRequest {
  return { type: RTM_DELRULE, flags: 0, body: encodeRule(spec, true), label: labelOf("RTM_DELRULE", spec), fieldAt };
}

function labelOf(type: string, { priority, src, dst }: RuleSpec): string {
  const parts = [["priority", priority], ["from", src], ["to", dst]].filter(([, value]) => value !== undefined);
  return [type, ...parts.flat()].join(" ");
}

function encodeRule(spec: RuleSpec, deleting: boolean): Uint8Array<ArrayBuffer> {
  checkSpec(spec);
  // Null, which untyped code may give, is refused: it is no default.
  const { src, dst, goto, l3mdev, tos = 0, protocol = deleting ? undefined : RTPROT_BOOT } = spec;
  const source = src === undefined ? undefined : ipPrefixOf(src);
  const destination = dst === undefined ? undefined : ipPrefixOf(dst);
  const given = src ?? dst;
  const { action = goto === undefined ? (deleting ? 0 : "lookup") : "goto" } = spec;
  const looks = action === "lookup" && !l3mdev && !deleting;
  const { table = looks ? RT_TABLE_MAIN : RT_TABLE_UNSPEC } = spec;
  const { family = given === undefined ? AF_INET : afOf(given) } = spec;
  return ruleMessage.encode({
    family,
    dstLength: destination?.length ?? 0,
    srcLength: source?.length ?? 0,
    tos,
    table: table > MOST_IN_HEADER ? RT_TABLE_UNSPEC : table,
    action: numberOf(RULE_ACTIONS, action, "action"),
    flags: spec.not ? FIB_RULE_INVERT : 0,
    attributes: {
      priority: spec.priority,
      dst: destination === undefined || destination.length === 0 ? undefined : destination.address.text,
      src: source === undefined || source.length === 0 ? undefined : source.address.text,
      iif: nameOfLink(spec.iif),
      oif: nameOfLink(spec.oif),
      goto,
      fwmark: spec.fwmark,
      fwmask: spec.fwmask,
      flow: spec.realm,
      tunId: spec.tunId,
      suppressIfgroup: spec.suppressIfgroup,
      suppressPrefixlength: spec.suppressPrefixlength,
      table: table > MOST_IN_HEADER ? table : undefined,
      l3mdev: l3mdev || undefined,
      uidrange: rangeOf(spec.uidrange, "uidrange"),
      protocol,
      ipproto: spec.ipproto,
      sport: rangeOf(spec.sport, "sport"),
      dport: rangeOf(spec.dport, "dport"),
      dscp: spec.dscp,
      dscpMask: spec.dscpMask,
      flowLabel: spec.flowLabel,
      flowLabelMask: spec.flowLabelMask,
      sportMask: spec.sportMask,
      dportMask: spec.dportMask,
      unknown: spec.unknown,
    },
  });
}

/** A rule with names in place of the indexes of links. */
export function withLinkNames(spec: RuleSpec, nameOf: (link: RuleLink) => string): RuleSpec {
  const named = (link: RuleLink | undefined): RuleLink | undefined => isIndex(link) ? nameOf(link) : link;
  return isIndex(spec?.iif) || isIndex(spec?.oif) ? { ...spec, iif: named(spec.iif), oif: named(spec.oif) } : spec;
}

function isIndex(link: RuleLink | undefined): link is { readonly index: number } {
  return typeof link === "object" && link !== null && "index" in link && !("name" in link);
}

function nameOfLink(link: RuleLink | undefined): string | undefined {
  if (link === undefined) return undefined;
  const name = typeof link === "object" && link !== null && "name" in link ? link.name : link;
  if (typeof name === "string" && name !== "") return name; // the kernel takes an empty one for any link
  const expected = isIndex(link) ? "a name in a batch, which looks no index up" : "a name, { name } or { index }";
  throw new TypeError(`Cannot use ${shown(link)} as the link of a rule: expected ${expected}`);
}

function rangeOf(range: number | Range | undefined, name: string): WireRange | undefined {
  if (range === undefined) return undefined;
  if (typeof range === "number") return { from: range, to: range };
  if (Array.isArray(range) && range.length === 2) return { from: range[0], to: range[1] };
  throw new TypeError(`Cannot use ${shown(range)} as ${name}: expected a number or [from, to]`);
}

/** Rulesets as the kernel sends them, in the words of libnftables-json(5). */
import { defined } from "../../collections.ts";
import { familyOf } from "./families.ts";
import { numberOfHandle } from "./handles.ts";
import { HOOKS, namesOfBits, oneOrMany, POLICIES, SET_ANONYMOUS, SET_EVALUATED, TABLE_FLAGS } from "./constants.ts";
import type { NftElement, NftMapElement } from "./element_types.ts";
import { decodeElements } from "./elements.ts";
import {
  chainMessage,
  type ElementAttributes,
  rawRuleMessage,
  ruleMessage,
  type SetAttributes,
  tableMessage,
} from "./messages.ts";
import { flowtableOf, objectOf } from "./object_reply.ts";
import { acceptable } from "./raw_expressions.ts";
import { rawSetOf, setsIn } from "./raw_sets.ts";
import { readRule } from "./rule_reader.ts";
import type { OwnSet } from "./rule_registers.ts";
import { isMap, type ListedSet, mapOf, setOf } from "./set_reply.ts";
import type { NftFamily, NftHook } from "./names.ts";
import type { NftChain, NftObject, NftRule, NftTable } from "./types.ts";
import { chainComment, ruleComment, tableComment } from "./user_data.ts";

/** What the dumps of a ruleset gave. */
export interface Dumps {
  readonly tables: readonly Uint8Array[];
  readonly chains: readonly Uint8Array[];
  readonly rules: readonly Uint8Array[];
  readonly objects: readonly Uint8Array[];
  readonly flowtables: readonly Uint8Array[];
  readonly sets: readonly ListedSet[];
  /** The elements of a set. */
  readonly elementsOf: (set: ListedSet) => readonly ElementAttributes[];
}

/**
 * The ruleset, in the order in which `nft` lists it: each table with its chains, to which maps may refer, its objects,
 * its sets and maps, its flowtables, its rules.
 */
export function rulesetOf({ tables, chains, rules, objects, flowtables, sets, elementsOf }: Dumps): NftObject[] {
  const allChains = chains.flatMap(chainOf);
  const listed = new Map(sets.map((set) => [keyOf(set.family, set.attributes), elementsOf(set)]));
  const elements = new Map(
    sets.map((set) => [
      keyOf(set.family, set.attributes),
      elementsIn(set, listed.get(keyOf(set.family, set.attributes)) ?? []),
    ]),
  );
  const elementsOfListed = (set: ListedSet) => elements.get(keyOf(set.family, set.attributes)) ?? [];
  const known = new Map(sets.map((set): [string, OwnSet] => {
    const { type, attributes } = set;
    const key = keyOf(set.family, attributes);
    const isOwn = isAnonymous(set);
    return [key, {
      type,
      objectType: attributes.objectType,
      elements: isOwn ? elementsOfListed(set) : undefined,
      raw: isOwn ? () => rawSetOf(attributes, listed.get(key) ?? []) : undefined,
    }];
  }));
  const allRules = rules.flatMap((body) => ruleOf(body, (key) => known.get(key)));
  const allObjects = objects.flatMap(objectOf);
  const allFlowtables = flowtables.flatMap(flowtableOf);
  return tables.flatMap(tableOf).flatMap((table): NftObject[] => {
    const isHere = (one: { readonly family: NftFamily; readonly table: string }): boolean => (
      one.family === table.family && one.table === table.name
    );
    const ownSets = sets.filter((set) => (
      !isAnonymous(set) && isHere({ family: set.family, table: set.attributes.table ?? "" })
    ));
    const ownChains = allChains.filter(isHere);
    const chainOrder = ownChains.map(({ name }) => name);
    const ownRules = allRules.filter(isHere)
      .toSorted((a, b) => chainOrder.indexOf(a.chain) - chainOrder.indexOf(b.chain));
    return [
      { table },
      ...ownChains.map((chain) => ({ chain })),
      ...allObjects.filter(isHere).map(({ object }) => object),
      ...ownSets.map((set): NftObject => (
        isMap(set)
          ? { map: mapOf(set, elementsOfListed(set) as readonly NftMapElement[]) } // those of a map are pairs
          : { set: setOf(set, elementsOfListed(set) as readonly NftElement[]) }
      )),
      ...allFlowtables.filter(isHere).map((flowtable) => ({ flowtable })),
      ...ownRules.map((rule) => ({ rule })),
    ];
  });
}

function keyOf(family: NftFamily, { table, name }: SetAttributes): string {
  return [family, table, name].join("\0");
}

/** True of a set of one rule; a meter is one that the rule names, so it can be made again by its name alone. */
function isAnonymous({ attributes: { flags = 0 } }: ListedSet): boolean {
  return (flags & SET_ANONYMOUS) !== 0 && (flags & SET_EVALUATED) === 0;
}

function elementsIn({ type }: ListedSet, all: readonly ElementAttributes[]): readonly (NftElement | NftMapElement)[] {
  return type === undefined ? [] : decodeElements(type, all);
}

function tableOf(body: Uint8Array): NftTable[] {
  const { family: number, attributes: { name = "", handle, flags = 0, userData } } = tableMessage.decodeKnown(body);
  const family = familyOf(number);
  const names = namesOfBits(TABLE_FLAGS, flags);
  if (family === undefined) return [];
  return [
    defined({
      family,
      name,
      handle: numberOfHandle(handle),
      flags: names.length === 0 ? undefined : oneOrMany(names),
      comment: tableComment(userData),
    }),
  ];
}

function chainOf(body: Uint8Array): NftChain[] {
  const { family: number, attributes } = chainMessage.decodeKnown(body);
  const { table = "", name = "", handle, hook, policy, type, userData } = attributes;
  const family = familyOf(number);
  if (family === undefined) return [];
  const hooks = HOOKS[family];
  const links = hook?.devices ?? (hook?.device === undefined ? [] : [hook.device]);
  return [defined({
    family,
    table,
    name,
    handle: numberOfHandle(handle),
    type: type as NftChain["type"], // the kernel has these three
    hook: (Object.keys(hooks) as NftHook[]).find((one) => hooks[one] === hook?.number),
    prio: hook?.priority === undefined ? undefined : hook.priority | 0,
    dev: links.length === 0 ? undefined : oneOrMany(links),
    policy: hook === undefined || policy === undefined ? undefined : policy === POLICIES.drop ? "drop" : "accept",
    comment: chainComment(userData),
  })];
}

function ruleOf(
  body: Uint8Array,
  sets: (key: string) => OwnSet | undefined,
): NftRule[] {
  const { family: number, attributes } = ruleMessage.decodeKnown(body);
  const { table = "", chain = "", handle, expressions = [], userData } = attributes;
  const family = familyOf(number);
  if (family === undefined) return [];
  const ownSets = (name: string): OwnSet | undefined => sets(keyOf(family, { table, name }));
  const expr = readRule(family, expressions, ownSets);
  const isKept = expr.some((one) => "unknown" in one);
  const rawSets = isKept ? setsIn(expressions).flatMap((set) => ownSets(set)?.raw?.() ?? []) : [];
  return [defined({
    family,
    table,
    chain,
    handle: numberOfHandle(handle),
    comment: ruleComment(userData),
    expr,
    raw: isKept ? acceptable(rawRuleMessage.decodeKnown(body).attributes.expressions ?? new Uint8Array(0)) : undefined,
    rawSets: rawSets.length === 0 ? undefined : rawSets,
  })];
}

/** Rulesets as the kernel sends them, in the words of libnftables-json(5). */
import { defined } from "../../collections.ts";
import {
  FAMILIES,
  HOOKS,
  namesOfBits,
  oneOrMany,
  POLICIES,
  SET_ANONYMOUS,
  SET_CONSTANT,
  SET_FLAGS,
  SET_INTERVAL,
  SET_MAP,
  TABLE_FLAGS,
} from "./constants.ts";
import { datatypeOf } from "./datatypes.ts";
import { decodeElements } from "./intervals.ts";
import {
  chainMessage,
  type ElementAttributes,
  elementsMessage,
  ruleMessage,
  type SetAttributes,
  setMessage,
  tableMessage,
} from "./messages.ts";
import { readRule } from "./rule_reader.ts";
import type { NftChain, NftElement, NftFamily, NftHook, NftObject, NftRule, NftSet, NftTable } from "./types.ts";
import { ruleComment, setComment, tableComment } from "./user_data.ts";

const MILLISECONDS = 1000;

/** A set as the kernel has it. */
export interface ListedSet {
  readonly family: NftFamily;
  readonly attributes: SetAttributes;
}

/** What the dumps of a ruleset gave. */
export interface Dumps {
  readonly tables: readonly Uint8Array[];
  readonly chains: readonly Uint8Array[];
  readonly rules: readonly Uint8Array[];
  readonly sets: readonly ListedSet[];
  /** The elements of a set. */
  readonly elementsOf: (set: ListedSet) => readonly ElementAttributes[];
}

/** The ruleset, in the order in which `nft` lists it: each table with its sets, its chains, its rules. */
export function rulesetOf({ tables, chains, rules, sets, elementsOf }: Dumps): NftObject[] {
  const allChains = chains.flatMap(chainOf);
  const elements = new Map(sets.map((set) => [keyOf(set.family, set.attributes), elementsIn(set, elementsOf(set))]));
  const anonymous = new Map(
    sets.filter(isAnonymous).map((
      set,
    ) => [keyOf(set.family, set.attributes), elements.get(keyOf(set.family, set.attributes))]),
  );
  const allRules = rules.flatMap((body) => ruleOf(body, (key) => anonymous.get(key)));
  return tables.flatMap(tableOf).flatMap((table): NftObject[] => {
    const isHere = (one: { readonly family: NftFamily; readonly table: string }): boolean => (
      one.family === table.family && one.table === table.name
    );
    const ownSets = sets.filter((set) => !isAnonymous(set))
      .map((set) => setOf(set, elements.get(keyOf(set.family, set.attributes)) ?? [])).filter(isHere);
    const ownChains = allChains.filter(isHere);
    const chainOrder = ownChains.map(({ name }) => name);
    const ownRules = allRules.filter(isHere)
      .toSorted((a, b) => chainOrder.indexOf(a.chain) - chainOrder.indexOf(b.chain));
    return [
      { table },
      ...ownSets.map((set) => ({ set })),
      ...ownChains.map((chain) => ({ chain })),
      ...ownRules.map((rule) => ({ rule })),
    ];
  });
}

/** The family of a message; undefined of one that the library does not know. */
function familyOf(number: number): NftFamily | undefined {
  for (const family of Object.keys(FAMILIES) as NftFamily[]) if (FAMILIES[family] === number) return family;
  return undefined;
}

function keyOf(family: NftFamily, { table, name }: SetAttributes): string {
  return [family, table, name].join("\0");
}

function isAnonymous({ attributes: { flags = 0 } }: ListedSet): boolean {
  return (flags & SET_ANONYMOUS) !== 0;
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
      handle: handleOf(handle),
      flags: names.length === 0 ? undefined : oneOrMany(names),
      comment: tableComment(userData),
    }),
  ];
}

function chainOf(body: Uint8Array): NftChain[] {
  const { family: number, attributes } = chainMessage.decodeKnown(body);
  const { table = "", name = "", handle, hook, policy, type } = attributes;
  const family = familyOf(number);
  if (family === undefined) return [];
  const hooks = HOOKS[family];
  const links = hook?.devices ?? (hook?.device === undefined ? [] : [hook.device]);
  return [defined({
    family,
    table,
    name,
    handle: handleOf(handle),
    type: type as NftChain["type"], // the kernel has these three
    hook: (Object.keys(hooks) as NftHook[]).find((one) => hooks[one] === hook?.number),
    prio: hook?.priority === undefined ? undefined : hook.priority | 0,
    dev: links.length === 0 ? undefined : oneOrMany(links),
    policy: hook === undefined || policy === undefined ? undefined : policy === POLICIES.drop ? "drop" : "accept",
  })];
}

function ruleOf(
  body: Uint8Array,
  anonymous: (key: string) => readonly NftElement[] | undefined,
): NftRule[] {
  const { family: number, attributes } = ruleMessage.decodeKnown(body);
  const { table = "", chain = "", handle, expressions = [], userData } = attributes;
  const family = familyOf(number);
  if (family === undefined) return [];
  return [defined({
    family,
    table,
    chain,
    handle: handleOf(handle),
    comment: ruleComment(userData),
    expr: readRule(family, expressions, (name) => anonymous(keyOf(family, { table, name }))),
  })];
}

/** A set; undefined for a map, which the library does not know. */
export function decodeSet(body: Uint8Array): ListedSet | undefined {
  const { family: number, attributes } = setMessage.decode(body);
  const family = familyOf(number);
  return family === undefined || ((attributes.flags ?? 0) & SET_MAP) !== 0 ? undefined : { family, attributes };
}

/** Elements of a set. */
export function decodeElementAttributes(body: Uint8Array): readonly ElementAttributes[] {
  return elementsMessage.decode(body).attributes.elements ?? [];
}

function elementsIn(
  { attributes: { keyType = 0, flags = 0 } }: ListedSet,
  all: readonly ElementAttributes[],
): NftElement[] {
  const type = datatypeOf(keyType);
  return type === undefined ? [] : decodeElements(type, all, (flags & SET_INTERVAL) !== 0);
}

function setOf({ family, attributes }: ListedSet, elements: readonly NftElement[]): NftSet {
  const { table = "", name = "", handle, keyType = 0, flags = 0, policy, description, timeout, gcInterval, userData } =
    attributes;
  const names = namesOfBits(SET_FLAGS, flags);
  return defined({
    family,
    table,
    name,
    handle: handleOf(handle),
    type: datatypeOf(keyType)?.name ?? `${keyType}`,
    comment: setComment(userData),
    flags: names.length === 0 ? undefined : names,
    policy: policy === 1 ? "memory" as const : undefined,
    size: (flags & SET_CONSTANT) === 0 ? description?.size : undefined, // of a constant set it is how many there are
    timeout: timeout === undefined ? undefined : Number(timeout) / MILLISECONDS,
    "gc-interval": gcInterval === undefined ? undefined : gcInterval / MILLISECONDS,
    elem: elements.length === 0 ? undefined : elements,
  });
}

function handleOf(handle: bigint | undefined): number | undefined {
  return handle === undefined ? undefined : Number(handle);
}

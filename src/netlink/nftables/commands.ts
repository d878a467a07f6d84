/** Commands for the kernel: each becomes a few messages of one batch. */
import { shown } from "../../errors.ts";
import { type NetlinkRequest, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from "../wire/framing.ts";
import { ANONYMOUS_NAME, type AnonymousSet } from "./comparison.ts";
import {
  ALL_FAMILIES,
  MESSAGES,
  SET_ANONYMOUS,
  SET_CONSTANT,
  SET_FLAGS,
  SET_INTERVAL,
  SUBSYSTEM,
  TABLE_FLAGS,
} from "./constants.ts";
import { type Datatype, datatypeOf } from "./datatypes.ts";
import { baseOf } from "./base_chain.ts";
import { checkKeys, familyNumber, handleOf, headerOf, onlyEntry, textOf } from "./checks.ts";
import { encodeElements } from "./intervals.ts";
import {
  chainMessage,
  type ElementAttributes,
  elementsMessage,
  type NetfilterHeader,
  ruleMessage,
  setMessage,
  tableMessage,
} from "./messages.ts";
import { bitsOf, RuleCompiler } from "./rule_compiler.ts";
import type { NftChain, NftCommand, NftElements, NftRule, NftSet, NftTable } from "./types.ts";
import { ruleUserData, setUserData, tableUserData } from "./user_data.ts";

/** NLM_F_APPEND */
const APPEND = 0x800;
/** The most elements in one message: an attribute has at most 65535 bytes. */
const MOST_ELEMENTS = 512;
const MILLISECONDS = 1000;

/** A message of a batch, and the command that it is of. */
export interface CommandRequest extends NetlinkRequest {
  /** The position of the command in the list, from 0. */
  readonly command: number;
}

/** The type of the set that a command names, by what the kernel has; a set of the same batch is known already. */
export type SetTypes = (set: Pick<NftElements, "family" | "table" | "name">) => SetType | undefined;

/** What must be known of a set to add elements to it. */
export interface SetType {
  readonly type: Datatype;
  readonly intervals: boolean;
}

/** What is done with an object. */
type Verb = "add" | "create" | "insert" | "replace" | "delete" | "flush";
const VERBS: readonly string[] = ["add", "create", "insert", "replace", "delete", "destroy", "flush"];
/** What NFT_MSG_DESTROY… of an object is, by its NFT_MSG_DEL…: Linux 6.3 has them. */
const DESTROYING: ReadonlyMap<number, number> = new Map([
  [MESSAGES.delTable, 26],
  [MESSAGES.delChain, 27],
  [MESSAGES.delRule, 28],
  [MESSAGES.delSet, 29],
  [MESSAGES.delElements, 30],
]);
const OBJECTS = ["table", "chain", "rule", "set", "element", "ruleset"] as const;
type ObjectName = (typeof OBJECTS)[number];

/** Compiles the commands of one batch. */
export class CommandCompiler {
  readonly requests: CommandRequest[] = [];
  readonly #existing: SetTypes;
  readonly #made = new Map<string, SetType>();
  #setIds = 0;
  #command = 0;
  #destroys = false;

  /** Sets that are not made in the batch are looked up with `existing`. */
  constructor(existing: SetTypes) {
    this.#existing = existing;
  }

  /**
   * Adds a command.
   *
   * @throws {TypeError} It is none, or a value in it is none.
   */
  add(command: NftCommand, index: number): void {
    const at = `commands[${index}]`;
    this.#command = index;
    this.#destroys = false;
    const [key, value] = onlyEntry(command, at);
    if (key === "metainfo") return;
    if (VERBS.some((verb) => verb === key)) {
      const [name, object] = onlyEntry(value, `${at}.${key}`);
      this.#destroys = key === "destroy"; // as `delete`, but what is not there is no error
      return this.#carryOut(this.#destroys ? "delete" : key as Verb, name, object, `${at}.${key}.${name}`);
    }
    this.#carryOut("listed", key, value, `${at}.${key}`);
  }

  /** Carries out a command; an object that was listed is added, and its handle says nothing. */
  #carryOut(given: Verb | "listed", name: string, object: unknown, at: string): void {
    const verb = given === "listed" ? "add" : given;
    if (!OBJECTS.some((one) => one === name)) {
      throw new TypeError(`Cannot use ${shown(name)} as ${at}: expected ${OBJECTS.join(", ")}`);
    }
    const kind = name as ObjectName;
    if (verb === "flush" && kind === "ruleset") return this.#flushAll(object, at);
    if (typeof object !== "object" || object === null) {
      throw new TypeError(`Cannot use ${shown(object)} as ${at}: expected an object`);
    }
    const isRule = kind === "rule";
    const known = verb === "add" || verb === "delete" || verb === "create" && !isRule ||
      (verb === "insert" || verb === "replace") && isRule || verb === "flush" && kind !== "element" && !isRule;
    if (!known || kind === "ruleset") throw new TypeError(`Cannot use ${verb} with ${name}: ${at} is no command`);
    const flags = verb === "create" ? NLM_F_CREATE | NLM_F_EXCL : NLM_F_CREATE;
    switch (kind) {
      case "table":
        return this.#table(verb, object as NftTable, flags, at);
      case "chain":
        return this.#chain(verb, object as NftChain, flags, at);
      case "rule":
        return this.#rule(verb, object as NftRule, given === "listed", at);
      case "set":
        return this.#set(verb, object as NftSet, flags, at);
      case "element":
        return this.#element(verb, object as NftElements, flags, at);
    }
  }

  #push(type: number, flags: number, body: Uint8Array, label: string): void {
    const own = this.#destroys ? DESTROYING.get(type) ?? type : type;
    this.requests.push({ type: SUBSYSTEM << 8 | own, flags, body, label, command: this.#command });
  }

  #flushAll(object: unknown, at: string): void {
    const family: unknown = typeof object === "object" && object !== null ? Reflect.get(object, "family") : undefined;
    const header = { family: family === undefined ? ALL_FAMILIES : familyNumber(family, at), version: 0, resource: 0 };
    this.#push(MESSAGES.delTable, 0, tableMessage.encode({ ...header, attributes: {} }), "flush ruleset");
  }

  #table(verb: Verb, table: NftTable, flags: number, at: string): void {
    checkKeys(table, TABLE_KEYS, at);
    const header = headerOf(table.family, at);
    const name = textOf(table.name, `${at}.name`);
    const label = `${verb} table ${table.family} ${name}`;
    if (verb === "flush") {
      return this.#push(MESSAGES.delRule, 0, ruleMessage.encode({ ...header, attributes: { table: name } }), label);
    }
    if (verb === "delete") {
      return this.#push(MESSAGES.delTable, 0, tableMessage.encode({ ...header, attributes: { name } }), label);
    }
    const attributes = {
      name,
      flags: bitsOf(TABLE_FLAGS, table.flags, `${at}.flags`),
      userData: table.comment === undefined ? undefined : tableUserData(textOf(table.comment, `${at}.comment`)),
    };
    this.#push(MESSAGES.newTable, flags, tableMessage.encode({ ...header, attributes }), label);
  }

  #chain(verb: Verb, chain: NftChain, flags: number, at: string): void {
    checkKeys(chain, CHAIN_KEYS, at);
    const header = headerOf(chain.family, at);
    const [table, name] = [textOf(chain.table, `${at}.table`), textOf(chain.name, `${at}.name`)];
    const label = `${verb} chain ${chain.family} ${table} ${name}`;
    if (verb === "flush") {
      const attributes = { table, chain: name };
      return this.#push(MESSAGES.delRule, 0, ruleMessage.encode({ ...header, attributes }), label);
    }
    if (verb === "delete") {
      const body = chainMessage.encode({ ...header, attributes: { table, name } });
      return this.#push(MESSAGES.delChain, 0, body, label);
    }
    const attributes = { table, name, ...baseOf(chain, at) };
    this.#push(MESSAGES.newChain, flags, chainMessage.encode({ ...header, attributes }), label);
  }

  #rule(verb: Verb, rule: NftRule, isListed: boolean, at: string): void {
    checkKeys(rule, RULE_KEYS, at);
    const header = headerOf(rule.family, at);
    const [table, chain] = [textOf(rule.table, `${at}.table`), textOf(rule.chain, `${at}.chain`)];
    const label = `${verb} rule ${rule.family} ${table} ${chain}`;
    const handle = rule.handle === undefined || isListed ? undefined : handleOf(rule.handle, `${at}.handle`);
    if ((verb === "delete" || verb === "replace") && handle === undefined) {
      throw new TypeError(`Cannot use undefined as ${at}.handle: expected the number of a rule, as list() gives it`);
    }
    if (verb === "delete") {
      const body = ruleMessage.encode({ ...header, attributes: { table, chain, handle } });
      return this.#push(MESSAGES.delRule, 0, body, label);
    }
    if (!Array.isArray(rule.expr)) throw new TypeError(`Cannot use ${shown(rule.expr)} as ${at}.expr: expected a list`);
    const compiler = new RuleCompiler(rule.family, () => ++this.#setIds);
    for (const [i, statement] of rule.expr.entries()) compiler.add(statement, `${at}.expr[${i}]`);
    for (const set of compiler.sets) this.#anonymousSet(set, header, table, label);
    const attributes = {
      table,
      chain,
      handle: verb === "replace" ? handle : undefined,
      position: verb === "replace" ? undefined : handle,
      expressions: compiler.expressions,
      userData: rule.comment === undefined ? undefined : ruleUserData(textOf(rule.comment, `${at}.comment`)),
    };
    const flags = verb === "replace" ? NLM_F_REPLACE : verb === "insert" ? NLM_F_CREATE : NLM_F_CREATE | APPEND;
    this.#push(MESSAGES.newRule, flags, ruleMessage.encode({ ...header, attributes }), label);
  }

  #anonymousSet(set: AnonymousSet, header: NetfilterHeader, table: string, label: string): void {
    const { id, type, intervals, elements, at } = set;
    const attributes = {
      table,
      name: ANONYMOUS_NAME,
      flags: SET_ANONYMOUS | SET_CONSTANT | (intervals ? SET_INTERVAL : 0),
      keyType: type.number,
      keyLength: type.size,
      id,
      userData: setUserData(type.big, undefined),
    };
    this.#push(MESSAGES.newSet, NLM_F_CREATE, setMessage.encode({ ...header, attributes }), label);
    this.#elements(MESSAGES.newElements, NLM_F_CREATE, header, { table, set: ANONYMOUS_NAME, setId: id }, {
      elements: encodeElements(type, elements, intervals, at),
      label,
    });
  }

  #set(verb: Verb, set: NftSet, flags: number, at: string): void {
    checkKeys(set, SET_KEYS, at);
    const header = headerOf(set.family, at);
    const [table, name] = [textOf(set.table, `${at}.table`), textOf(set.name, `${at}.name`)];
    const label = `${verb} set ${set.family} ${table} ${name}`;
    if (verb === "flush") {
      const body = elementsMessage.encode({ ...header, attributes: { table, set: name } });
      return this.#push(MESSAGES.delElements, 0, body, label);
    }
    if (verb === "delete") {
      return this.#push(MESSAGES.delSet, 0, setMessage.encode({ ...header, attributes: { table, name } }), label);
    }
    const type = datatypeOf(textOf(set.type, `${at}.type`));
    if (type === undefined) {
      throw new TypeError(`Cannot use ${shown(set.type)} as ${at}.type: the library does not know it`);
    }
    const bits = bitsOf(SET_FLAGS, set.flags, `${at}.flags`) |
      (set.timeout === undefined ? 0 : SET_FLAGS["timeout"] ?? 0);
    const known: SetType = { type, intervals: (bits & SET_INTERVAL) !== 0 };
    this.#made.set(keyOf(set), known);
    const attributes = {
      table,
      name,
      flags: bits,
      keyType: type.number,
      keyLength: type.size,
      policy: set.policy === undefined ? undefined : set.policy === "memory" ? 1 : 0,
      description: set.size === undefined ? undefined : { size: set.size },
      id: ++this.#setIds,
      timeout: set.timeout === undefined ? undefined : BigInt(set.timeout) * BigInt(MILLISECONDS),
      gcInterval: set["gc-interval"] === undefined ? undefined : set["gc-interval"] * MILLISECONDS,
      userData: setUserData(type.big, set.comment),
    };
    this.#push(MESSAGES.newSet, flags, setMessage.encode({ ...header, attributes }), label);
    if (set.elem === undefined) return;
    this.#elements(MESSAGES.newElements, NLM_F_CREATE, header, { table, set: name }, {
      elements: encodeElements(type, set.elem, known.intervals, `${at}.elem`),
      label,
    });
  }

  #element(verb: Verb, given: NftElements, flags: number, at: string): void {
    checkKeys(given, ELEMENT_KEYS, at);
    const header = headerOf(given.family, at);
    const [table, set] = [textOf(given.table, `${at}.table`), textOf(given.name, `${at}.name`)];
    const label = `${verb} element ${given.family} ${table} ${set}`;
    const known = this.#made.get(keyOf(given)) ?? this.#existing(given);
    if (known === undefined) {
      throw new TypeError(`Cannot use ${shown(set)} as ${at}.name: there is no set of this name whose type is known`);
    }
    const [type, messageFlags] = verb === "delete" ? [MESSAGES.delElements, 0] : [MESSAGES.newElements, flags];
    const elements = encodeElements(known.type, given.elem, known.intervals, `${at}.elem`);
    this.#elements(type, messageFlags, header, { table, set }, { elements, label });
  }

  /** Elements in as many messages as they take. */
  #elements(
    type: number,
    flags: number,
    header: NetfilterHeader,
    set: { readonly table: string; readonly set: string; readonly setId?: number },
    { elements, label }: { readonly elements: readonly ElementAttributes[]; readonly label: string },
  ): void {
    for (let start = 0; start < elements.length; start += MOST_ELEMENTS) {
      const attributes = { ...set, elements: elements.slice(start, start + MOST_ELEMENTS) };
      this.#push(type, flags, elementsMessage.encode({ ...header, attributes }), label);
    }
  }
}

const TABLE_KEYS = ["family", "name", "handle", "flags", "comment"];
const CHAIN_KEYS = ["family", "table", "name", "handle", "type", "hook", "prio", "dev", "policy"];
const RULE_KEYS = ["family", "table", "chain", "handle", "comment", "expr"];
const SET_KEYS = ["family", "table", "name", "handle", "type", "flags", "policy", "size", "timeout", "gc-interval"]
  .concat("comment", "elem");
const ELEMENT_KEYS = ["family", "table", "name", "elem"];

/** Text that is equal for two sets exactly if they are one. */
function keyOf({ family, table, name }: Pick<NftElements, "family" | "table" | "name">): string {
  return [family, table, name].join("\0");
}

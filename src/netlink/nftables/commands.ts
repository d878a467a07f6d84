/** Commands for the kernel: each becomes a few messages of one batch. */
import { shown } from "../../errors.ts";
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from "../wire/framing.ts";
import { baseOf } from "./base_chain.ts";
import type { Verb } from "./batch_writer.ts";
import { familyNumber, headerOf } from "./families.ts";
import { checkKeys, linkNames, objectOf, onlyEntry, priorityOf, textOf } from "./given.ts";
import { handleOf } from "./handles.ts";
import { ALL_FAMILIES, FLOWTABLE_FLAGS, MESSAGES, TABLE_FLAGS } from "./constants.ts";
import type { NftElements } from "./element_types.ts";
import { bitsOf } from "./flags.ts";
import {
  chainMessage,
  elementsMessage,
  flowtableMessage,
  objectMessage,
  rawRuleMessage,
  ruleMessage,
  setMessage,
  tableMessage,
} from "./messages.ts";
import {
  encodeObject,
  isObjectKind,
  keysOfKind,
  OBJECT_TYPES,
  type ObjectKind,
  type ObjectKinds,
} from "./object_kinds.ts";
import type { NftFlowtable } from "./object_types.ts";
import { rawRule } from "./raw_sets.ts";
import { RuleCompiler } from "./rule_compiler.ts";
import { SetCompiler } from "./set_compiler.ts";
import type { NftMap, NftSet } from "./set_types.ts";
import type { NftChain, NftCommand, NftRule, NftTable } from "./types.ts";
import { chainUserData, objectUserData, ruleUserData, tableUserData } from "./user_data.ts";

/** NLM_F_APPEND */
const APPEND = 0x800;

const VERBS: readonly string[] = ["add", "create", "insert", "replace", "delete", "destroy", "flush"];
/** What is done with what `verb` names, where the rest of a command does not fit it. */
const PASSIVES: Readonly<Record<Verb, string>> = {
  add: "added: table, chain, rule, set, map, element, flowtable, or a named object",
  create: "created: table, chain, set, map, element, flowtable, or a named object",
  insert: "inserted: rule",
  replace: "replaced: rule",
  delete: "deleted: table, chain, rule, set, map, element, flowtable, or a named object",
  flush: "flushed: table, chain, set, map, ruleset",
};
const OBJECTS = ["table", "chain", "rule", "set", "map", "element", "ruleset", "flowtable"] as const;
type ObjectName = (typeof OBJECTS)[number] | ObjectKind;

/** Compiles the commands of one batch. */
export class CommandCompiler extends SetCompiler {
  /**
   * Adds a command.
   *
   * @throws {TypeError} It is none, or a value in it is none.
   */
  add(command: NftCommand, index: number): void {
    const at = `commands[${index}]`;
    const [key, value] = onlyEntry(command, at);
    if (key === "metainfo") return;
    const destroys = key === "destroy";
    this.begin(index, destroys);
    if (VERBS.some((verb) => verb === key)) {
      const [name, object] = onlyEntry(value, `${at}.${key}`);
      return this.#carryOut(destroys ? "delete" : key as Verb, name, object, `${at}.${key}.${name}`);
    }
    this.#carryOut("listed", key, value, `${at}.${key}`);
  }

  /** Carries out a command; an object that was listed is added, and its handle says nothing. */
  #carryOut(given: Verb | "listed", name: string, object: unknown, at: string): void {
    const verb = given === "listed" ? "add" : given;
    const keyless = at.slice(0, -name.length - 1);
    if (!OBJECTS.some((one) => one === name) && !isObjectKind(name)) {
      const expected = [...given === "listed" ? [...VERBS, "metainfo"] : [], ...OBJECTS, ...Object.keys(OBJECT_TYPES)];
      throw new TypeError(`Cannot use ${shown(name)} as the key of ${keyless}: expected ${expected.join(", ")}`);
    }
    const kind = name as ObjectName;
    if (verb === "flush" && kind === "ruleset") return this.#flushAll(object, at);
    objectOf(object, at);
    const isRule = kind === "rule";
    const known = verb === "add" || verb === "delete" || verb === "create" && !isRule ||
      (verb === "insert" || verb === "replace") && isRule ||
      verb === "flush" && (kind === "table" || kind === "chain" || kind === "set" || kind === "map");
    if (!known || kind === "ruleset") {
      throw new TypeError(`Cannot use ${shown(name)} as the key of ${keyless}: expected what can be ${PASSIVES[verb]}`);
    }
    const flags = verb === "create" ? NLM_F_CREATE | NLM_F_EXCL : NLM_F_CREATE;
    switch (kind) {
      case "table":
        return this.#table(verb, object as NftTable, flags, at);
      case "chain":
        return this.#chain(verb, object as NftChain, flags, at);
      case "rule":
        return this.#rule(verb, object as NftRule, given === "listed", at);
      case "set":
        return this.set(verb, object as NftSet, flags, at);
      case "map":
        return this.set(verb, object as NftMap, flags, at);
      case "element":
        return this.element(verb, object as NftElements, flags, at);
      case "flowtable":
        return this.#flowtable(verb, object as NftFlowtable, flags, at);
      default:
        return this.#object(verb, kind, object as ObjectKinds[typeof kind], flags, at);
    }
  }

  #flushAll(object: unknown, at: string): void {
    if (object !== null && object !== undefined) checkKeys(object, ["family"], at);
    const family: unknown = typeof object === "object" && object !== null ? Reflect.get(object, "family") : undefined;
    const header = { family: family === undefined ? ALL_FAMILIES : familyNumber(family, at), version: 0, resource: 0 };
    this.push(MESSAGES.delTable, 0, tableMessage.encode({ ...header, attributes: {} }), "flush ruleset");
  }

  #table(verb: Verb, table: NftTable, flags: number, at: string): void {
    checkKeys(table, TABLE_KEYS, at);
    const header = headerOf(table.family, at);
    const name = textOf(table.name, `${at}.name`);
    const label = `${verb} table ${table.family} ${name}`;
    if (verb === "flush") {
      return this.push(MESSAGES.delRule, 0, ruleMessage.encode({ ...header, attributes: { table: name } }), label);
    }
    if (verb === "delete") {
      return this.push(MESSAGES.delTable, 0, tableMessage.encode({ ...header, attributes: { name } }), label);
    }
    const attributes = {
      name,
      flags: bitsOf(TABLE_FLAGS, table.flags, `${at}.flags`),
      userData: tableUserData(table.comment, at),
    };
    this.push(MESSAGES.newTable, flags, tableMessage.encode({ ...header, attributes }), label);
  }

  #chain(verb: Verb, chain: NftChain, flags: number, at: string): void {
    checkKeys(chain, CHAIN_KEYS, at);
    const header = headerOf(chain.family, at);
    const [table, name] = [textOf(chain.table, `${at}.table`), textOf(chain.name, `${at}.name`)];
    const label = `${verb} chain ${chain.family} ${table} ${name}`;
    if (verb === "flush") {
      const attributes = { table, chain: name };
      return this.push(MESSAGES.delRule, 0, ruleMessage.encode({ ...header, attributes }), label);
    }
    if (verb === "delete") {
      const body = chainMessage.encode({ ...header, attributes: { table, name } });
      return this.push(MESSAGES.delChain, 0, body, label);
    }
    const attributes = { table, name, ...baseOf(chain, at), userData: chainUserData(chain.comment, at) };
    this.push(MESSAGES.newChain, flags, chainMessage.encode({ ...header, attributes }), label);
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
      return this.push(MESSAGES.delRule, 0, body, label);
    }
    const own = {
      table,
      chain,
      handle: verb === "replace" ? handle : undefined,
      position: verb === "replace" ? undefined : handle,
      userData: ruleUserData(rule.comment, at),
    };
    const flags = verb === "replace" ? NLM_F_REPLACE : verb === "insert" ? NLM_F_CREATE : NLM_F_CREATE | APPEND;
    if (rule.raw !== undefined) {
      if (!(rule.raw instanceof Uint8Array)) {
        throw new TypeError(`Cannot use ${shown(rule.raw)} as ${at}.raw: expected bytes`);
      }
      if (rule.rawSets === undefined) {
        const body = rawRuleMessage.encode({ ...header, attributes: { ...own, expressions: rule.raw } });
        return this.push(MESSAGES.newRule, flags, body, label);
      }
      const { sets, expressions } = rawRule(rule.raw, rule.rawSets, () => this.nextSetId(), `${at}.rawSets`);
      for (const { set, elements } of sets) {
        const body = setMessage.encode({ ...header, attributes: { ...set, table } });
        this.push(MESSAGES.newSet, NLM_F_CREATE, body, label);
        for (const piece of elements) {
          const body = elementsMessage.encode({ ...header, attributes: { ...piece, table } });
          this.push(MESSAGES.newElements, NLM_F_CREATE, body, label);
        }
      }
      const body = ruleMessage.encode({ ...header, attributes: { ...own, expressions } });
      return this.push(MESSAGES.newRule, flags, body, label);
    }
    if (!Array.isArray(rule.expr)) throw new TypeError(`Cannot use ${shown(rule.expr)} as ${at}.expr: expected a list`);
    const compiler = new RuleCompiler(
      rule.family,
      () => this.nextSetId(),
      (name) => this.typeOf({ family: rule.family, table, name }),
    );
    for (const [i, statement] of rule.expr.entries()) compiler.add(statement, `${at}.expr[${i}]`);
    for (const set of compiler.sets) this.anonymousSet(set, header, table, label);
    const attributes = { ...own, expressions: compiler.expressions };
    this.push(MESSAGES.newRule, flags, ruleMessage.encode({ ...header, attributes }), label);
  }

  #object<K extends ObjectKind>(verb: Verb, kind: K, object: ObjectKinds[K], flags: number, at: string): void {
    checkKeys(object, ["family", "table", "name", "handle", "comment", ...keysOfKind(kind)], at);
    const header = headerOf(object.family, at);
    const names = { table: textOf(object.table, `${at}.table`), name: textOf(object.name, `${at}.name`) };
    const label = `${verb} ${kind} ${object.family} ${names.table} ${names.name}`;
    const type = OBJECT_TYPES[kind];
    if (verb === "delete") {
      const body = objectMessage.encode({ ...header, attributes: { ...names, type } });
      return this.push(MESSAGES.delObject, 0, body, label);
    }
    const { comment } = object;
    const attributes = {
      ...names,
      type,
      data: encodeObject(kind, object, at),
      userData: objectUserData(comment, at),
    };
    this.push(MESSAGES.newObject, flags, objectMessage.encode({ ...header, attributes }), label);
  }

  #flowtable(verb: Verb, flowtable: NftFlowtable, flags: number, at: string): void {
    checkKeys(flowtable, FLOWTABLE_KEYS, at);
    const header = headerOf(flowtable.family, at);
    const names = { table: textOf(flowtable.table, `${at}.table`), name: textOf(flowtable.name, `${at}.name`) };
    const label = `${verb} flowtable ${flowtable.family} ${names.table} ${names.name}`;
    if (verb === "delete") {
      return this.push(MESSAGES.delFlowtable, 0, flowtableMessage.encode({ ...header, attributes: names }), label);
    }
    const { hook = "ingress", prio = 0, dev } = flowtable;
    if (hook !== "ingress") throw new TypeError(`Cannot use ${shown(hook)} as ${at}.hook: expected "ingress"`);
    const attributes = {
      ...names,
      hook: {
        number: 0,
        priority: priorityOf(prio, `${at}.prio`),
        devices: dev === undefined ? [] : linkNames(dev, `${at}.dev`),
      },
      flags: flowtable.flags === undefined ? undefined : bitsOf(FLOWTABLE_FLAGS, flowtable.flags, `${at}.flags`),
    };
    this.push(MESSAGES.newFlowtable, flags, flowtableMessage.encode({ ...header, attributes }), label);
  }
}

const TABLE_KEYS = ["family", "name", "handle", "flags", "comment"];
const CHAIN_KEYS = ["family", "table", "name", "handle", "type", "hook", "prio", "dev", "policy", "comment"];
const RULE_KEYS = ["family", "table", "chain", "handle", "comment", "expr", "raw", "rawSets"];
const FLOWTABLE_KEYS = ["family", "table", "name", "handle", "hook", "prio", "dev", "flags"];

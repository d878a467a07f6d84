/** What a value of the cluster stands for, checked by itself: items of a configuration. */
import * as v from "npm:valibot@1.5.0";
import { ITEMS, namespaceItem, uplinkItem } from "../configurator/report.ts";
import { ConfigError } from "../errors.ts";
import { arpEntrySchema, type LinuxArpEntry } from "../models/arp.ts";
import type { Item } from "../models/item_faults.ts";
import type { Field } from "../models/fields.ts";
import { type Firewall, firewallSchema } from "../models/firewall.ts";
import { forwardSchema, type PortForward } from "../models/forwards.ts";
import type { LinuxInterface } from "../models/interface/linux_interface.ts";
import { interfaceSchema } from "../models/interface/interface_schema.ts";
import { type NatRule, natSchema } from "../models/nat.ts";
import { type LinuxRoute, routeSchema } from "../models/route.ts";
import { type LinuxRule, ruleSchema } from "../models/rule.ts";
import { interfacesOf, shortLink } from "../models/short/link.ts";
import { shortRoute } from "../models/short/route.ts";
import { describedNamespaceSchema, nameOfEntry, type NamespaceWithSysctls } from "../models/sysctls.ts";
import { type Uplink, uplinkName, uplinkSchema } from "../models/uplinks.ts";
import { KEY_MAX, type KeyParts, partsOf } from "./keys.ts";
import { type Mapped, MappingFault } from "./mapping/mapped.ts";
import { mapValue } from "./mapping/value.ts";

/** The values of each section of a configuration. */
export interface SectionValues {
  /** Namespaces that are to exist. */
  readonly namespaces: string | NamespaceWithSysctls;
  /** Network interfaces. */
  readonly interfaces: LinuxInterface;
  /** Static neighbours. */
  readonly arpEntries: LinuxArpEntry;
  /** Static routes. */
  readonly routes: LinuxRoute;
  /** Rules. */
  readonly rules: LinuxRule;
  /** Address translation. */
  readonly nat: NatRule;
  /** Forwarded ports. */
  readonly forwards: PortForward;
  /** Packet filters. */
  readonly firewall: Firewall;
  /** Ways out. */
  readonly uplinks: Uplink;
}

/** The items of all keys, each with its index in its section. */
export type Items = { readonly [S in keyof SectionValues]: readonly Item<SectionValues[S]>[] };

/** An item of one section; the union of all. */
export type AnyItem = {
  [S in keyof SectionValues]: { readonly section: S; readonly value: SectionValues[S]; readonly item: string };
}[keyof SectionValues];

/** What is wrong with the value of a key. */
export interface KeyFault {
  /** The key. */
  readonly key: string;
  /** `UNIMPLEMENTED`: the value may be sound, and another agent's. */
  readonly state: "INVALID" | "UNIMPLEMENTED";
  /** Where, what stands there, and what was expected; its message names the key. */
  readonly error: ConfigError;
}

/** The items of one value, with what of it does not count; or what is wrong with it. */
export type KeyItems =
  | { readonly items: readonly AnyItem[]; readonly warnings: readonly string[] }
  | { readonly fault: KeyFault };

/** The fault of a key. */
export function keyFault(
  key: string,
  issues: readonly { readonly path: string; readonly value: unknown; readonly expected: string }[],
  state: KeyFault["state"] = "INVALID",
): KeyFault {
  const source = key.length > KEY_MAX ? `${key.slice(0, KEY_MAX)}…` : key;
  return { key, state, error: new ConfigError(issues, source) };
}

/** The items of a key's value. */
export function itemsOf(label: string, key: string, text: string): KeyItems {
  const parts: KeyParts | undefined = partsOf(label, key);
  if (parts === undefined) {
    return {
      fault: keyFault(key, [{ path: "", value: "the key", expected: "a key of a known layout" }], "UNIMPLEMENTED"),
    };
  }
  try {
    const mapped = mapValue(parts, text);
    return { items: checked(mapped), warnings: mapped.warnings };
  } catch (error) {
    if (error instanceof MappingFault) {
      const { path, value, expected, state } = error;
      return { fault: keyFault(key, [{ path, value, expected }], state) };
    }
    if (error instanceof ConfigError) return { fault: keyFault(key, error.issues) };
    throw error;
  }
}

/** @throws {ConfigError} The item is not sound by itself. */
function checked({ section, input }: Mapped): AnyItem[] {
  switch (section) {
    case "namespaces": {
      const value = parsed(describedNamespaceSchema, input);
      return [{ section, value, item: namespaceItem(nameOfEntry(value)) }];
    }
    case "links":
      return interfacesOf(parsed(shortLink, input), 0).map((one) => {
        const value = parsed(interfaceSchema, one.input);
        return { section: "interfaces", value, item: ITEMS.interfaces(value.name) };
      });
    case "interfaces": {
      const value = parsed(interfaceSchema, input);
      return [{ section, value, item: ITEMS.interfaces(value.name) }];
    }
    case "arpEntries": {
      const value = parsed(arpEntrySchema, input);
      return [{ section, value, item: ITEMS.arpEntries(value.name) }];
    }
    case "routes": {
      const value = parsed(typeof input === "string" ? shortRoute : routeSchema, input);
      return [{ section, value, item: ITEMS.routes(value.name) }];
    }
    case "rules": {
      const value = parsed(ruleSchema, input);
      return [{ section, value, item: ITEMS.rules(value.name) }];
    }
    case "nat": {
      const value = parsed(natSchema, input);
      return [{ section, value, item: ITEMS.nat(value.name) }];
    }
    case "forwards": {
      const value = parsed(forwardSchema, input);
      return [{ section, value, item: ITEMS.forwards(value.name) }];
    }
    case "firewall": {
      const value = parsed(firewallSchema, input);
      return [{ section, value, item: ITEMS.firewall(value.name) }];
    }
    case "uplinks": {
      const value = parsed(uplinkSchema, input);
      return [{ section, value, item: uplinkItem(uplinkName(value)) }];
    }
  }
}

function parsed<T>(schema: Field<T>, input: unknown): T {
  const result = v.safeParse(schema, isObject(input) ? withoutUndefined(input) : input);
  if (result.success) return result.output;
  throw new ConfigError(result.issues.map(({ message, input, path = [] }) => ({
    path: path.map(({ key }) => String(key)).join("."),
    value: input,
    expected: message,
  })));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field that is undefined counts as absent. */
function withoutUndefined(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value).filter(([, inside]) => inside !== undefined));
}

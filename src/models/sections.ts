/** The sections of a file, with the schemas of their items. */
import * as v from "npm:valibot@1.5.0";
import { arpEntrySchema, type LinuxArpEntry } from "./arp.ts";
import type { NetworkConfigInput } from "./config_input.ts";
import { CONFIG_NAME, isConfigName } from "./config_name.ts";
import { anyText, type Field, type FieldsOf, list, message, optional, text } from "./fields.ts";
import { type Firewall, firewallSchema } from "./firewall.ts";
import { forwardSchema, type PortForward } from "./forwards.ts";
import type { LinuxInterface } from "./interface/linux_interface.ts";
import { interfaceSchema } from "./interface/interface_schema.ts";
import { definition, described, type JsonSchema, jsonSchemaOf } from "./json_schema.ts";
import { type NatRule, natSchema } from "./nat.ts";
import { type LinuxRoute, routeSchema } from "./route.ts";
import { type LinuxRule, ruleSchema } from "./rule.ts";
import { type ShortLink, shortLink } from "./short/link.ts";
import { shortRoute } from "./short/route.ts";
import { describedNamespaceSchema, type NamespaceWithSysctls } from "./sysctls.ts";
import { type Uplink, uplinkSchema } from "./uplinks.ts";

const configName = text(
  CONFIG_NAME,
  (name) => isConfigName(name) ? name : undefined,
  "^(?!\\.\\.?$)[^/\\u0000-\\u001F\\u007F-\\u009F]{1,200}$",
);

/** A route, as a mapping or as text. */
const anyRoute: Field<LinuxRoute> = described(
  v.lazy((input) => typeof input === "string" ? shortRoute : routeSchema),
  (of) => ({ anyOf: [of(shortRoute), of(routeSchema)] }),
);

/** What the items of each section are. */
interface Items {
  readonly namespaces: Field<string | NamespaceWithSysctls>;
  readonly links: Field<ShortLink>;
  readonly interfaces: Field<LinuxInterface>;
  readonly arpEntries: Field<LinuxArpEntry>;
  readonly routes: Field<LinuxRoute>;
  readonly rules: Field<LinuxRule>;
  readonly nat: Field<NatRule>;
  readonly forwards: Field<PortForward>;
  readonly firewall: Field<Firewall>;
  readonly uplinks: Field<Uplink>;
}

/** The schemas of the items. */
export const ITEMS: Items = {
  namespaces: describedNamespaceSchema,
  links: shortLink,
  interfaces: interfaceSchema,
  arpEntries: arpEntrySchema,
  routes: anyRoute,
  rules: ruleSchema,
  nat: natSchema,
  forwards: forwardSchema,
  firewall: firewallSchema,
  uplinks: uplinkSchema,
};

/** A section by itself; its items are checked one by one, so that the sound ones can be checked together. */
const anyList = (name: keyof Items, what: string): Field<unknown[] | undefined> => {
  const expected = `a list of ${what}`;
  const field = list(expected, v.unknown());
  const item: Field<unknown> = ITEMS[name];
  return optional(
    described(field, (of) => ({ type: "array", description: expected, items: of(definition(name, item)) })),
  );
};

const FIELDS = {
  name: optional(configName),
  description: optional(anyText),
  namespaces: anyList("namespaces", "namespaces"),
  links: anyList("links", "links"),
  interfaces: anyList("interfaces", "interfaces"),
  arpEntries: anyList("arpEntries", "ARP entries"),
  routes: anyList("routes", "routes"),
  rules: anyList("rules", "rules"),
  nat: anyList("nat", "address translations"),
  forwards: anyList("forwards", "forwarded ports"),
  firewall: anyList("firewall", "packet filters"),
  uplinks: anyList("uplinks", "uplinks"),
} as const satisfies FieldsOf<Omit<NetworkConfigInput, `x-${string}`>>;

/** The document by itself: its fields, and that its sections are lists. */
export const documentSchema: Field<{ readonly name: string | undefined }> = message(
  "a mapping with namespaces, links, interfaces or routes",
  FIELDS,
);

/** The JSON Schema (draft 7) of the file: what an editor can say of it. Faults between items it cannot say. */
export function fileJsonSchema(): JsonSchema {
  const file = described(documentSchema, (of) => {
    const schema = of(documentSchema);
    return { ...schema, patternProperties: { ...Object(schema["patternProperties"]), "^x-": {} } };
  });
  return { title: "A network of netns", ...jsonSchemaOf(file) };
}

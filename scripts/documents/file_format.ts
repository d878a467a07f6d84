/**
 * The tables of the file format: the fields and their meaning come from the types of the models, what each takes from what
 * the schemas answer to a wrong value.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { ConfigError } from "../../mod.ts";
import { checkConfig } from "../../src/models/config.ts";
import { root } from "../bundle.ts";

/**
 * The lists of the file, with the type of their items, what an item can have in place of a required field, and the type
 * of what may be written, where that has further fields.
 */
const LISTS = [
  { list: "links", file: "src/models/short/link.ts", type: "LinkInput", unless: undefined },
  {
    list: "interfaces",
    file: "src/models/interface/linux_interface.ts",
    type: "LinuxInterface",
    unless: undefined,
    input: "InterfaceInput",
  },
  { list: "arpEntries", file: "src/models/arp.ts", type: "LinuxArpEntry", unless: undefined },
  { list: "routes", file: "src/models/route.ts", type: "LinuxRoute", unless: { default: true } },
  { list: "rules", file: "src/models/rule.ts", type: "LinuxRule", unless: undefined },
  { list: "nat", file: "src/models/nat.ts", type: "NatRule", unless: undefined },
  { list: "forwards", file: "src/models/forwards.ts", type: "PortForward", unless: undefined },
  { list: "firewall", file: "src/models/firewall.ts", type: "Firewall", unless: undefined },
  { list: "uplinks", file: "src/models/uplinks.ts", type: "Uplink", unless: undefined },
] as const;

/** A field of a type, with its comment and the fields of its own where it is a mapping. */
interface Field {
  readonly name: string;
  readonly meaning: string;
  /** The values of a union of texts. */
  readonly words: readonly string[];
  readonly fields: readonly Field[];
}

/** The tables, with a heading for each. */
export function fileFormat(): string {
  const table = (title: string, rows: readonly string[]): string =>
    `### ${title}\n\n| field | value | meaning |\n| --- | --- | --- |\n${rows.join("\n")}\n`;
  return [
    table("The fields of the file", fileRows()),
    ...LISTS.map((one) => table(`An item of \`${one.list}\``, itemRows(one))),
  ].join("\n");
}

const EXTENSION = "Not read, under any name that begins with `x-`: a place for anchors of YAML.";

function fileRows(): string[] {
  const fields = fieldsOf("src/models/config_input.ts", "NetworkConfigInput");
  const rows = namesInSchema({ "?": 0 }, '["?"]').map((name) => {
    const each = expectedOf({ [name]: [[]] }, `${name}[0]`);
    const value = expectedOf({ [name]: {} }, name) ?? "";
    const meaning = fields.find((field) => field.name === name)?.meaning ?? "";
    return row(name, each === undefined || name !== "namespaces" ? value : `${value}; each ${each}`, meaning);
  });
  return [...rows, row("x-…", "anything", EXTENSION)];
}

function itemRows({ list, file, type, unless, ...one }: typeof LISTS[number]): string[] {
  const own = fieldsOf(file, type);
  const known = new Set(own.map(({ name }) => name));
  const written = "input" in one ? fieldsOf(file, one.input).filter(({ name }) => !known.has(name)) : [];
  const fields = [...own, ...written];
  const names = namesInSchema({ [list]: [{ "?": 0 }] }, `${list}[0]["?"]`);
  if (names.toSorted().join() !== fields.map(({ name }) => name).sort().join()) {
    throw new Error(`${list}: the schema has the fields ${names.join()}, the type ${type} has others`);
  }
  const kinds = fields.find(({ name }) => name === "type")?.words ?? [];
  return fields.flatMap(({ name, meaning, fields: inner }) => {
    const at = `${list}[0].${name}`;
    const expected = (value: unknown, path = at): string | undefined =>
      expectedOf({ [list]: [{ [name]: value }] }, path);
    const isMissing = (item: object): boolean => expectedOf({ [list]: [item] }, at) !== undefined;
    const isRequired = (): string => {
      if (!isMissing({})) return "";
      const of = kinds.filter((kind) => isMissing({ type: kind }));
      if (of.length < kinds.length) return `required for ${of.join(", ")}: `;
      const replaced = unless !== undefined && !isMissing(unless);
      return replaced ? `required unless ${Object.entries(unless).flat().join(" is ")}: ` : "required: ";
    };
    const value = expected([]) ?? `a list; each ${expected([[]], `${at}[0]`)}`;
    return [
      row(name, isRequired() + value, meaning),
      ...inner.map((one) =>
        row(`${name}.${one.name}`, expected({ [one.name]: [] }, `${at}.${one.name}`) ?? "", one.meaning)
      ),
    ];
  });
}

/** The names of the fields that a schema has, which it gives in answer to a field that it has not. */
const namesInSchema = (document: unknown, path: string): string[] =>
  (expectedOf(document, path) ?? "").replace(/^.*there are /, "").split(", ");

const issuesOf = (document: unknown): ConfigError["issues"] => {
  try {
    checkConfig(document);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
};

/** What the schema expects at `path`; undefined if it takes what is there. */
const expectedOf = (document: unknown, path: string): string | undefined =>
  issuesOf(document).find((issue) => issue.path === path)?.expected;

const row = (name: string, value: string, meaning: string): string =>
  `| \`${name}\` | ${value.replaceAll("|", "\\|")} | ${meaning.replaceAll("|", "\\|")} |`;

/** The fields of an interface of a file. */
function fieldsOf(path: string, name: string): Field[] {
  const file = ts.createSourceFile(path, readFileSync(join(root, path), "utf8"), ts.ScriptTarget.Latest, true);
  const found = file.statements.find((one): one is ts.InterfaceDeclaration =>
    ts.isInterfaceDeclaration(one) && one.name.text === name
  );
  if (found === undefined) throw new Error(`${path} has no interface ${name}`);
  return membersOf(found.members, file);
}

const membersOf = (members: ts.NodeArray<ts.TypeElement>, file: ts.SourceFile): Field[] =>
  members.flatMap((member) => {
    if (!ts.isPropertySignature(member) || member.type === undefined) return [];
    const comment = ts.getJSDocCommentsAndTags(member).map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? "");
    const words = ts.isUnionTypeNode(member.type) ? member.type.types : [];
    return [{
      name: member.name.getText(file),
      meaning: comment.join(" ").replace(/\s+/g, " ").trim(),
      words: words.flatMap((one) =>
        ts.isLiteralTypeNode(one) && ts.isStringLiteral(one.literal) ? one.literal.text : []
      ),
      fields: fieldsOfType(member.type, file),
    }];
  });

/** The fields of a mapping: of one that is written out, and of an interface that is imported. */
function fieldsOfType(type: ts.TypeNode, file: ts.SourceFile): readonly Field[] {
  if (ts.isTypeLiteralNode(type)) return membersOf(type.members, file);
  if (!ts.isTypeReferenceNode(type)) return [];
  const name = type.typeName.getText(file);
  const found = file.statements.filter(ts.isImportDeclaration).find(({ importClause }) => {
    const names = importClause?.namedBindings;
    return names !== undefined && ts.isNamedImports(names) && names.elements.some((one) => one.name.text === name);
  });
  if (found === undefined || !ts.isStringLiteral(found.moduleSpecifier) || !name.endsWith("Fields")) return [];
  return fieldsOf(join(dirname(file.fileName), found.moduleSpecifier.text), name);
}

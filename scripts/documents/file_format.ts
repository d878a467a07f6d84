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
  { list: "namespaces", file: "src/models/sysctls.ts", type: "NamespaceWithSysctls", unless: undefined },
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

/** A field of a type, with its comment and the fields of its own where it is a mapping or a list of mappings. */
interface Field {
  readonly name: string;
  readonly meaning: string;
  /** The values of a union of texts. */
  readonly words: readonly string[];
  /** It is a list, and `fields` are those of its items. */
  readonly isList: boolean;
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
  return fields.flatMap((field) => {
    const at = `${list}[0].${field.name}`;
    const isMissing = (item: object): boolean => expectedOf({ [list]: [item] }, at) !== undefined;
    const requirement = (): string => {
      const of = kinds.filter((kind) => isMissing({ type: kind }));
      if (of.length < kinds.length) return of.length === 0 ? "" : `required for ${of.join(", ")}: `;
      if (!isMissing({})) return "";
      const replaced = unless !== undefined && !isMissing(unless);
      return replaced ? `required unless ${Object.entries(unless).flat().join(" is ")}: ` : "required: ";
    };
    return rowsOf(field, field.name, at, (value) => ({ [list]: [{ [field.name]: value }] }), requirement());
  });
}

/**
 * The row of a field, and those of its own fields.
 *
 * @param at The path at which a fault of it is reported, in the document that `around` makes of a value.
 */
function rowsOf(
  { meaning, isList, fields }: Field,
  label: string,
  at: string,
  around: (value: unknown) => unknown,
  requirement: string,
): string[] {
  const value = expectedOf(around([]), at) ?? `a list; each ${expectedOf(around([[]]), `${at}[0]`)}`;
  const [ownLabel, ownPath] = isList ? [`${label}[]`, `${at}[0]`] : [label, at];
  const holding = (value: unknown): unknown => around(isList ? [value] : value);
  return [
    row(label, requirement + value, meaning),
    ...fields.flatMap((one) => {
      const path = `${ownPath}.${one.name}`;
      const within = (value: unknown): unknown => holding({ [one.name]: value });
      // If another field can stand for it, what is expected in its place is not what it takes.
      const missing = expectedOf(holding({}), path);
      const isRequired = missing !== undefined && missing === expectedOf(within([]), path);
      return rowsOf(one, `${ownLabel}.${one.name}`, path, within, isRequired ? "required: " : "");
    }),
  ];
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

const sourceAt = (path: string): ts.SourceFile =>
  ts.createSourceFile(path, readFileSync(join(root, path), "utf8"), ts.ScriptTarget.Latest, true);

const interfaceIn = (file: ts.SourceFile, name: string): ts.InterfaceDeclaration | undefined =>
  file.statements.find((one): one is ts.InterfaceDeclaration =>
    ts.isInterfaceDeclaration(one) && one.name.text === name
  );

/** The fields of an interface of a file. */
function fieldsOf(path: string, name: string): Field[] {
  const file = sourceAt(path);
  const found = interfaceIn(file, name);
  if (found === undefined) throw new Error(`${path} has no interface ${name}`);
  return membersOf(found.members, file);
}

const membersOf = (members: ts.NodeArray<ts.TypeElement>, file: ts.SourceFile): Field[] =>
  members.flatMap((member) => {
    if (!ts.isPropertySignature(member) || member.type === undefined) return [];
    const comment = ts.getJSDocCommentsAndTags(member).map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? "");
    const type = givenType(member.type);
    const words = ts.isUnionTypeNode(type) ? type.types : [];
    return [{
      name: member.name.getText(file),
      meaning: comment.join(" ").replace(/\s+/g, " ").trim(),
      words: words.flatMap((one) =>
        ts.isLiteralTypeNode(one) && ts.isStringLiteral(one.literal) ? one.literal.text : []
      ),
      isList: listedType(type) !== undefined,
      fields: fieldsOfType(listedType(type) ?? type, file),
    }];
  });

/** A type without `undefined`. */
function givenType(type: ts.TypeNode): ts.TypeNode {
  if (!ts.isUnionTypeNode(type)) return type;
  const [first, ...others] = type.types.filter(({ kind }) => kind !== ts.SyntaxKind.UndefinedKeyword);
  return first === undefined || others.length > 0 ? type : first;
}

/** The type of the items of a list; undefined if it is none. */
const listedType = (type: ts.TypeNode): ts.TypeNode | undefined =>
  ts.isTypeOperatorNode(type) && ts.isArrayTypeNode(type.type) ? type.type.elementType : undefined;

/** A namespace has a text, which is what a file has. */
const AS_TEXT = /Namespace$/;

/** The fields of a mapping: of one that is written out, and of an interface of the models. */
function fieldsOfType(type: ts.TypeNode, file: ts.SourceFile): readonly Field[] {
  if (ts.isTypeLiteralNode(type)) return membersOf(type.members, file);
  if (!ts.isTypeReferenceNode(type)) return [];
  const name = type.typeName.getText(file);
  if (AS_TEXT.test(name)) return [];
  if (interfaceIn(file, name) !== undefined) return fieldsOf(file.fileName, name);
  const found = file.statements.filter(ts.isImportDeclaration).find(({ importClause }) => {
    const names = importClause?.namedBindings;
    return names !== undefined && ts.isNamedImports(names) && names.elements.some((one) => one.name.text === name);
  });
  if (found === undefined || !ts.isStringLiteral(found.moduleSpecifier)) return [];
  const path = join(dirname(file.fileName), found.moduleSpecifier.text);
  return interfaceIn(sourceAt(path), name) === undefined ? [] : fieldsOf(path, name);
}

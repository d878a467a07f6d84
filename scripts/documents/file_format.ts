/**
 * The tables of the file format: the fields and their meaning come from the types of the models, what each takes from what
 * the schemas answer to a wrong value.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { ConfigError, readConfig } from "../../mod.ts";
import { root } from "../bundle.ts";

/** The lists of the file, with the type of their items. */
const LISTS = [
  { list: "interfaces", file: "src/models/interface.ts", type: "LinuxInterface" },
  { list: "arpEntries", file: "src/models/arp.ts", type: "LinuxArpEntry" },
  { list: "routes", file: "src/models/route.ts", type: "LinuxRoute" },
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
  const sections = [["the file", fileRows()], ...LISTS.map((one) => [`an item of \`${one.list}\``, itemRows(one)])];
  return sections.map(([title, rows]) =>
    `| in ${title} | value | meaning |\n| --- | --- | --- |\n${(rows as string[]).join("\n")}\n`
  ).join("\n");
}

function fileRows(): string[] {
  return fieldsOf("src/models/config.ts", "NetworkConfig").map(({ name, meaning }) =>
    row(name, expectedOf({ [name]: [] }, name) ?? expectedOf({ [name]: {} }, name) ?? "", meaning)
  );
}

function itemRows({ list, file, type }: typeof LISTS[number]): string[] {
  const fields = fieldsOf(file, type);
  const kinds = fields.find(({ name }) => name === "type")?.words ?? [];
  const required = (name: string): string => {
    const missing = (item: object): boolean =>
      issuesOf({ [list]: [item] }).some(({ path }) => path === `${list}[0].${name}`);
    if (missing({})) {
      const of = kinds.filter((kind) => missing({ type: kind }));
      return of.length === kinds.length ? "required: " : `required for ${of.join(", ")}: `;
    }
    return "";
  };
  compareWithSchema(list, fields);
  return fields.flatMap(({ name, meaning, fields: inner }) => {
    const at = `${list}[0].${name}`;
    const takes = (value: unknown, path: string): string | undefined =>
      expectedOf({ [list]: [{ [name]: value }] }, path);
    const value = takes([], at) ?? `a list; each ${takes([[]], `${at}[0]`)}`;
    return [
      row(name, required(name) + value, meaning),
      ...inner.filter((one) =>
        takes({ [one.name]: [] }, `${at}.${one.name}`) !== undefined && takes([], at) !== undefined
      )
        .map((one) => row(`${name}.${one.name}`, takes({ [one.name]: [] }, `${at}.${one.name}`) ?? "", one.meaning)),
    ];
  });
}

/** The names of the fields are those of the schema, which names them all to a field that it does not have. */
function compareWithSchema(list: string, fields: readonly Field[]): void {
  const answer = expectedOf({ [list]: [{ "?": 0 }] }, `${list}[0]["?"]`) ?? "";
  const known = answer.replace(/^.*there are /, "").split(", ").sort().join();
  const named = fields.map(({ name }) => name).sort().join();
  if (known !== named) throw new Error(`${list}: the type has ${named}, the schema has ${known}`);
}

const issuesOf = (document: unknown): ConfigError["issues"] => {
  try {
    readConfig(document);
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
      fields: ts.isTypeLiteralNode(member.type) ? membersOf(member.type.members, file) : [],
    }];
  });

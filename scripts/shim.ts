/** Takes single members out of `@deno/shim-deno`, which is published as one module with all of them. */
import { readFileSync } from "node:fs";
import ts from "typescript";

/**
 * A module that exports `Deno` with those members of the shim that are among `wanted`. It holds their declarations, and
 * whatever those name: the whole shim imports a dozen Node modules and costs a third of an empty start of Node.
 *
 * @param path The shim's `index.mjs`.
 * @throws {Error} The file has no table of its members.
 */
export function shimOf(path: string, wanted: Iterable<string>): string {
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const declarations = new Map(file.statements.flatMap((one) => namesOf(one).map((name) => [name, one] as const)));
  const members = membersOf(file);
  const kept = new Set<ts.Statement>();
  const keep = (node: ts.Node): void => {
    const declaration = ts.isIdentifier(node) ? declarations.get(node.text) : undefined;
    if (declaration !== undefined && !kept.has(declaration)) {
      kept.add(declaration);
      keep(declaration);
    }
    ts.forEachChild(node, keep);
  };
  const entries = [...wanted].flatMap((name) => {
    const member = members.get(name);
    if (member === undefined) return []; // ffi/node/ gives it
    keep(member);
    return [`${name}: ${member.text}`];
  });
  const code = file.statements.filter((one) => kept.has(one)).map((one) => one.getText(file));
  return [...code, `export const Deno = { ${entries.join(", ")} };`].join("\n");
}

/** What a statement declares. */
function namesOf(statement: ts.Statement): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) names.push(node.text);
    else if (ts.isBindingElement(node)) visit(node.name);
    else ts.forEachChild(node, visit);
  };
  if (ts.isVariableStatement(statement)) statement.declarationList.declarations.forEach(({ name }) => visit(name));
  else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
    statement.name && visit(statement.name);
  } else if (ts.isImportDeclaration(statement)) statement.importClause && visit(statement.importClause);
  return names;
}

/** The members of the shim, from `__export(main_exports, { chdir: () => chdir, … })`: the name within the file of each. */
function membersOf(file: ts.SourceFile): ReadonlyMap<string, ts.Identifier> {
  for (const statement of file.statements) {
    if (!ts.isExpressionStatement(statement) || !ts.isCallExpression(statement.expression)) continue;
    const [target, table] = statement.expression.arguments;
    if (target?.getText(file) !== "main_exports" || table === undefined || !ts.isObjectLiteralExpression(table)) {
      continue;
    }
    return new Map(table.properties.flatMap((property) => {
      const arrow = ts.isPropertyAssignment(property) && ts.isArrowFunction(property.initializer) &&
        property.initializer;
      return arrow && ts.isIdentifier(arrow.body) ? [[property.name?.getText(file) ?? "", arrow.body] as const] : [];
    }));
  }
  throw new Error(`${file.fileName} has no table of its members: has @deno/shim-deno another layout?`);
}

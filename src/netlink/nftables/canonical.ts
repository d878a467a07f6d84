/** Rules in the one form in which the kernel's are listed, so that they can be compared. */
import { RuleCompiler } from "./rule_compiler.ts";
import { readRule } from "./rule_reader.ts";
import type { NftFamily } from "./names.ts";
import type { NftStatement } from "./statement_types.ts";

/**
 * The statements as `list` gives them once they are in the kernel. Those with a set of their own are not compared.
 *
 * @throws {TypeError} The library does not know a statement, or a value in it is none.
 */
export function canonicalStatements(family: NftFamily, statements: readonly NftStatement[]): NftStatement[] {
  let sets = 0;
  const compiler = new RuleCompiler(family, () => ++sets, () => undefined);
  for (const [i, statement] of statements.entries()) compiler.add(statement, `expr[${i}]`);
  return readRule(family, compiler.expressions, () => undefined);
}

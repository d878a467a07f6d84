/** What a configuration is called: the name under which it is remembered. */

import { type FieldCheck, fieldsOf } from "../argument_fields.ts";

/** Options of {@linkcode parseConfig}. */
export interface ConfigOptions {
  /** The file that the text came from: for messages, and its base name is the name of a file that gives none. */
  readonly source?: string | undefined;
  /** The name of a file that gives none, in place of its base name. */
  readonly name?: string | undefined;
  /** The file as an absolute path; null for a text of no file, which has no base name. @default {`source`} */
  readonly path?: string | null | undefined;
}

/** Checks the options, of which untyped code may give any. */
export const checkConfigOptions: FieldCheck<ConfigOptions> = fieldsOf<ConfigOptions>("the options of a configuration", {
  source: true,
  name: true,
  path: "any",
});

/** The longest name, in bytes: what is left of a file name when the state file's suffixes are taken off. */
const NAME_MAX = 200;

/** True if a configuration can have this name: a file can be called so. */
export function isConfigName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !/[/\p{Cc}]/u.test(name) && name.isWellFormed() &&
    new TextEncoder().encode(name).length <= NAME_MAX;
}

/** What {@linkcode isConfigName} demands, for people. */
export const CONFIG_NAME: string = `a name of 1 to ${NAME_MAX} bytes without "/", not "." or ".."`;

/**
 * The name that a configuration is remembered under, and the file that alone has it if that is only its base name.
 *
 * @param given The field `name` of the file.
 */
export function identityOf(
  given: string | undefined,
  { source, name, path = source }: ConfigOptions,
): { readonly name?: string; readonly origin?: string } {
  const chosen = given ?? name;
  if (chosen !== undefined) return { name: chosen };
  const base = path?.split("/").at(-1)?.replace(/\.(ya?ml|json)$/i, "");
  if (base === undefined || base === "-" || !isConfigName(base)) return {}; // - is the standard input
  return path?.startsWith("/") ? { name: base, origin: path } : { name: base };
}

/** The configuration that `netns destroy` destroys: of a FILE, or of a stored state. */
import { printable } from "../../ffi/mod.ts";
import { FileStateStore } from "../configurator/store/file.ts";
import { ConfigError, reasonOf } from "../errors.ts";
import { identityOf, isConfigName } from "../models/config_name.ts";
import { type NetworkConfig, parseConfig } from "../models/config.ts";
import { readDocument } from "../models/document.ts";
import { isMapping } from "../models/fields.ts";
import { UsageError } from "./errors.ts";
import { pathOf } from "./file_text.ts";
import type { Io } from "./io.ts";
import { fileOrUsual, readNamedTopology, readTopologyText, withName } from "./topology_file.ts";

/** A configuration to be destroyed. */
export interface DestroyTarget {
  /** The configuration; only its name if the rest is in the stored state. */
  readonly config: NetworkConfig;
  /** True if only its name is known. */
  readonly isRemembered: boolean;
}

/**
 * The configuration that `netns destroy` means by its arguments. A file that has faults, or is gone, still has a name.
 *
 * @throws {UsageError} There is no name, or the file cannot be read and has no stored state.
 * @throws {ConfigError} The file has faults and no stored state.
 */
export async function destroyTarget(
  file: string | undefined,
  name: string | undefined,
  io: Io,
): Promise<DestroyTarget> {
  if (file === undefined) {
    if (name !== undefined) return remembered({ name });
    return destroyTarget(fileOrUsual(file, "destroy"), name, io);
  }
  let text: string | undefined;
  try {
    if (file !== "-") return { config: await readNamedTopology(file, io, name), isRemembered: false };
    const input = await readTopologyText(file, io, name); // standard input is read once
    text = input.text;
    return { config: withName(parseConfig(text, input.options), file), isRemembered: false };
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof UsageError)) throw error;
    text ??= await readable(file, io);
    const identity = identityOf(text === undefined ? undefined : nameIn(text), { name, path: ownPath(file) });
    const isKnown = identity.name !== undefined && await new FileStateStore().load(identity.name) !== undefined;
    if (!isKnown) throw error;
    const [reason] = reasonOf(error).split("\n");
    io.complain(
      `warning: ${reason?.replace(/:$/, "")}: destroying what is remembered of ${printable(identity.name ?? "")}`,
    );
    return remembered(identity);
  }
}

const ownPath = (file: string): string | null => file === "-" ? null : pathOf(file);

const remembered = (identity: Pick<NetworkConfig, "name" | "origin">): DestroyTarget => ({
  config: { ...identity, namespaces: [], interfaces: [], arpEntries: [], routes: [] },
  isRemembered: true,
});

/** The text of a file with faults; undefined if it cannot be read. */
async function readable(file: string, io: Io): Promise<string | undefined> {
  if (ownPath(file) === null) return undefined; // a pipe can be read only once
  try {
    return (await readTopologyText(file, io)).text;
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

/** The field `name` of a text with faults, if it can be read. */
function nameIn(text: string): string | undefined {
  // The line may be valid by itself although the document is not.
  for (const part of [text, text.match(/^name[ \t]*:.*$/m)?.[0]]) {
    const name = part === undefined ? undefined : nameField(part);
    if (name !== undefined) return name;
  }
  return undefined;
}

function nameField(text: string): string | undefined {
  try {
    const document = readDocument(text);
    const name = isMapping(document) ? document["name"] : undefined;
    return typeof name === "string" && isConfigName(name) ? name : undefined;
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

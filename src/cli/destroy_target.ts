/** What `netns destroy` takes away: what a FILE describes, or what is remembered under a name. */
import { printable } from "../../ffi/mod.ts";
import { FileStateStore } from "../configurator/store/file.ts";
import { ConfigError, reasonOf } from "../errors.ts";
import { identityOf, isConfigName } from "../models/config_name.ts";
import { type NetworkConfig, parseConfig } from "../models/config.ts";
import { readDocument } from "../models/document.ts";
import { isMapping } from "../models/fields.ts";
import { UsageError } from "./errors.ts";
import type { Io } from "./io.ts";
import { pathOf, readNamedTopology, readTopologyText } from "./topology_file.ts";

/** A configuration to be destroyed. */
export interface DestroyTarget {
  /** The configuration; of one that is only remembered, its name. */
  readonly config: NetworkConfig;
  /** True if only its name is known. */
  readonly isRemembered: boolean;
}

/**
 * What `netns destroy` was told to destroy. A file with faults, or one that is gone, still has a name.
 *
 * @throws {UsageError} Nothing is remembered of a file that cannot be read, or there is no name.
 * @throws {ConfigError} Nothing is remembered of a file with faults.
 */
export async function destroyTarget(
  file: string | undefined,
  name: string | undefined,
  io: Io,
): Promise<DestroyTarget> {
  if (file === undefined) {
    if (name === undefined) throw new UsageError("Give a FILE, or --name; see netns destroy --help");
    return remembered({ name });
  }
  let text: string | undefined;
  try {
    if (file !== "-") return { config: await readNamedTopology(file, io, name), isRemembered: false };
    const input = await readTopologyText(file, io, name); // standard input is read once
    text = input.text;
    return { config: named(parseConfig(text, input.options)), isRemembered: false };
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

function named(config: NetworkConfig): NetworkConfig {
  if (config.name !== undefined) return config;
  throw new UsageError('Standard input has no name: give it one, with "name: …" in it or with --name');
}

const remembered = (identity: Pick<NetworkConfig, "name" | "origin">): DestroyTarget => ({
  config: { ...identity, namespaces: [], interfaces: [], arpEntries: [], routes: [] },
  isRemembered: true,
});

/** The text of a file that has faults; undefined if it cannot be read. */
async function readable(file: string, io: Io): Promise<string | undefined> {
  if (ownPath(file) === null) return undefined; // a pipe was read, and is empty now
  try {
    return (await readTopologyText(file, io)).text;
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

/** The field `name` of a text that has faults, if it can be made out. */
function nameIn(text: string): string | undefined {
  // The line alone may be sound where the document is not.
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

/** The text of a key's value: bounded, and read as JSON or YAML. */
import { ConfigError } from "../../errors.ts";
import { readDocument } from "../../models/document.ts";
import type { KeyParts } from "../keys.ts";
import { type Mapped, MappingFault } from "./mapped.ts";
import { mapTopology } from "./topology.ts";
import { mapV1 } from "./v1.ts";
import { mapV2 } from "./v2.ts";

/** The longest value, in characters: an item has a few hundred. */
const VALUE_MAX = 64 * 1024;

/**
 * The item that the value of a key stands for.
 *
 * @throws {MappingFault} It stands for none.
 */
export function mapValue({ layout, rest }: KeyParts, text: string): Mapped {
  if (text.length > VALUE_MAX) {
    throw new MappingFault("", `${text.length} characters`, `at most ${VALUE_MAX} characters`);
  }
  if (text.includes("\ufffd")) throw new MappingFault("", text, "text in UTF-8");
  switch (layout) {
    case "v1":
      return mapV1(rest, fromJson(text));
    case "v2":
      return mapV2(rest, fromJson(text));
    case "netns":
      return mapTopology(rest, text.trim() === "" ? undefined : fromYaml(text));
  }
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MappingFault("", text, "JSON"); // what nests too deeply throws as well
  }
}

function fromYaml(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // YAML, perhaps
  }
  try {
    return readDocument(text);
  } catch (error) {
    const expected = error instanceof ConfigError ? error.issues[0]?.expected : undefined;
    throw new MappingFault("", undefined, expected ?? "YAML or JSON"); // the text may have a secret in it
  }
}

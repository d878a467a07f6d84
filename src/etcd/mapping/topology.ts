/** Items of the topology file in the cluster: `config/netns/v1/SECTION/NAME`, with the item as YAML or JSON. */
import { isMapping } from "../../models/fields.ts";
import { type Mapped, MappingFault, type Section, SECTIONS } from "./mapped.ts";

/** Secrets of a WireGuard interface: who may read the key would have them. */
const SECRETS: ReadonlySet<string> = new Set(["privateKey", "private_key", "presharedKey", "preshared_key"]);
/** How deep an item can nest. */
const DEPTH_MAX = 16;

/**
 * The item of the topology file that a value is.
 *
 * @param rest The key after `config/netns/v1/`: `"interfaces/left"`.
 * @param value The value, as YAML or JSON has it; undefined if it is empty.
 * @throws {MappingFault} It is none.
 */
export function mapTopology(rest: string, value: unknown): Mapped {
  const slash = rest.indexOf("/");
  const [word, name] = slash < 0 ? [rest, ""] : [rest.slice(0, slash), rest.slice(slash + 1)];
  const section = SECTIONS.find((one) => one === word);
  if (section === undefined || name === "") {
    throw new MappingFault("", rest, `SECTION/NAME, with a section of ${SECTIONS.join(", ")}`, "UNIMPLEMENTED");
  }
  refuseSecrets(value, "", 0);
  return { section, input: named(section, name, value), warnings: [] };
}

/** The item with the name that the key gives it; it may repeat that, and must not have another. */
function named(section: Section, name: string, value: unknown): unknown {
  if (section === "links") return value;
  const field = section === "uplinks" ? "namespace" : "name";
  const hasText = section === "namespaces" || section === "uplinks";
  if (value === undefined && hasText) return name;
  if (typeof value === "string") {
    if (hasText && value !== name) throw new MappingFault("", value, `${name}, as in the key`);
    return value; // a route as text is its own name
  }
  if (!isMapping(value)) return value;
  const given = value[field];
  if (given === undefined) return { ...value, [field]: name };
  if (section !== "uplinks" && given !== name) throw new MappingFault(field, given, `${name}, as in the key`);
  return value;
}

function refuseSecrets(value: unknown, path: string, depth: number): void {
  if (depth > DEPTH_MAX) throw new MappingFault(path, undefined, `at most ${DEPTH_MAX} levels`);
  if (typeof value !== "object" || value === null) return;
  for (const [key, inside] of Object.entries(value)) {
    const here = path === "" ? key : `${path}.${key}`;
    if (SECRETS.has(key)) {
      throw new MappingFault(here, undefined, `${key}File, a file of this host: a cluster keeps no secret`);
    }
    refuseSecrets(inside, here, depth + 1);
  }
}

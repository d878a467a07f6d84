/** What a value of the cluster stands for: an item of the topology file as it would be written, or why it is none. */
import { shown } from "../../errors.ts";
import { networkOf } from "../../ip/arithmetic.ts";
import { parseIpPrefix } from "../../ip/prefix.ts";

/** The sections of the topology file. */
export const SECTIONS = [
  "namespaces",
  "links",
  "interfaces",
  "arpEntries",
  "routes",
  "rules",
  "nat",
  "forwards",
  "firewall",
  "uplinks",
] as const;
/** A section of the topology file. */
export type Section = (typeof SECTIONS)[number];

/** An item of the topology file, not checked yet. */
export interface Mapped {
  /** Where it would stand. */
  readonly section: Section;
  /** What would stand there. */
  readonly input: unknown;
  /** What of the value does not count, one line each. */
  readonly warnings: readonly string[];
}

/** Why a value stands for no item. */
export class MappingFault extends Error {
  /** Always `"MappingFault"`. */
  override readonly name = "MappingFault";
  /** `UNIMPLEMENTED`: another agent may know it. */
  readonly state: "INVALID" | "UNIMPLEMENTED";
  /** Where in the value it is: `"namespace.type"`; `""` is the value itself. */
  readonly path: string;
  /** What is there. */
  readonly value: unknown;
  /** What was expected instead. */
  readonly expected: string;

  /** Describes that `path` expects `expected` and has `value`. */
  constructor(
    path: string,
    value: unknown,
    expected: string,
    state: "INVALID" | "UNIMPLEMENTED" = "INVALID",
  ) {
    super(`${path}: expected ${expected}`);
    this.state = state;
    this.path = path;
    this.value = value;
    this.expected = expected;
  }
}

/** True of what protobuf's JSON leaves out: false, 0, "" and null. */
export function isDefault(value: unknown): boolean {
  return value === undefined || value === null || value === "" || value === 0 || value === false;
}

/** `value`, or undefined if it is the default of its type. */
export const unlessDefault = (value: unknown): unknown => isDefault(value) ? undefined : value;

/** The name of an item that has none of its own, from fields that may hold anything. */
export function labelOf(...fields: readonly unknown[]): string {
  return fields.map((field) => typeof field === "string" ? field : shown(field)).join(" ");
}

/** A destination without the bits beyond its prefix, which agents of Ligato mask out. */
export function masked(value: unknown, warn: (network: string) => void): unknown {
  const given = unlessDefault(value);
  const prefix = typeof given === "string" ? parseIpPrefix(given) : undefined;
  if (prefix === undefined) return given;
  const network = networkOf(prefix).text;
  if (network !== prefix.text) warn(network);
  return network;
}

/** Ports of TCP and UDP in the models: one, or a range. */
import * as v from "npm:valibot@1.5.0";
import type { Field } from "./fields.ts";
import { jsonSchema } from "./json_schema.ts";
import { rangePattern } from "./number_pattern.ts";

/** One port as a number, or a range as text: `8080`, `"8000-8010"`. */
export type Ports = number | string;

/** The first and the last port of a range. */
export interface PortRange {
  /** The first. */
  readonly first: number;
  /** The last, which is not below the first. */
  readonly last: number;
}

const PORT_MAX = 65_535;

/** The ports that a value means; undefined if it means none. */
export function portRange(given: unknown): PortRange | undefined {
  const text = typeof given === "number" || typeof given === "string" ? `${given}` : "";
  const [, from = "", to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  return from === "" || first < 1 || first > last || last > PORT_MAX ? undefined : { first, last };
}

const EXPECTED = `a port from 1 to ${PORT_MAX}, or a range of them such as "8000-8010"`;

/** One port, or a range of them. */
export const ports: Field<Ports> = v.pipe(
  v.unknown(),
  v.rawTransform(({ dataset: { value }, addIssue, NEVER }): Ports => {
    const range = portRange(value);
    if (range !== undefined) return range.first === range.last ? range.first : `${range.first}-${range.last}`;
    addIssue({ message: EXPECTED });
    return NEVER;
  }),
  jsonSchema(() => ({
    type: ["integer", "string"],
    description: EXPECTED,
    minimum: 1,
    maximum: PORT_MAX,
    pattern: `^${rangePattern(PORT_MAX)}$`,
  })),
);

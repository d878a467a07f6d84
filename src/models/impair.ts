/** The model of what a link does to the packets that leave it: delays, losses, a rate. In the units of tc(8). */
import * as v from "npm:valibot@1.5.0";
import { defined } from "../collections.ts";
import { ConfigError } from "../errors.ts";
import { type Field, type FieldsOf, integer, LONGEST_TEXT, message, optional } from "./fields.ts";
import { definition, ifThen, isGiven, type JsonSchema, jsonSchema } from "./json_schema.ts";

/** How the delay of packets varies. */
const DISTRIBUTIONS = ["uniform", "normal", "pareto", "paretonormal"] as const;

/** What a link does to the packets that leave it, in canonical text. At least one field is there. */
export interface Impairment {
  /** How long a packet waits: `"20ms"`. */
  readonly delay?: string;
  /** By how much the delay varies: `"1500us"`. */
  readonly jitter?: string;
  /** How the delay varies; absent: uniformly. */
  readonly distribution?: "uniform" | "normal" | "pareto" | "paretonormal";
  /** How many packets are lost: `"1%"`. */
  readonly loss?: string;
  /** How many packets are sent twice. */
  readonly duplicate?: string;
  /** In how many packets a bit is wrong. */
  readonly corrupt?: string;
  /** How many packets overtake those that wait. */
  readonly reorder?: string;
  /** How fast packets leave, in bits a second: `"10mbit"`. */
  readonly rate?: string;
  /** How many packets wait at most. */
  readonly limit?: number;
}

/** An impairment as the kernel counts: the fields have the names and the units that a netem qdisc has. */
export interface ImpairmentQuantities {
  /** In nanoseconds. */
  readonly delay?: number;
  /** In nanoseconds. */
  readonly jitter?: number;
  /** How the delay varies. */
  readonly distribution?: Impairment["distribution"];
  /** In percent. */
  readonly loss?: number;
  /** In percent. */
  readonly duplicate?: number;
  /** In percent. */
  readonly corrupt?: number;
  /** In percent. */
  readonly reorder?: number;
  /** In bytes a second. */
  readonly rate?: number;
  /** In packets. */
  readonly limit?: number;
}

/** An impairment as it may be written: with the units that tc(8) reads. */
export interface ImpairmentInput {
  /** How long a packet waits: `"20ms"`, `"1.5s"`, `"100us"`. */
  readonly delay?: string | 0 | undefined;
  /** By how much the delay varies. */
  readonly jitter?: string | 0 | undefined;
  /** How the delay varies. @default {"uniform"} */
  readonly distribution?: Impairment["distribution"] | undefined;
  /** How many packets are lost: `"1%"`, or the number of percent. */
  readonly loss?: string | number | undefined;
  /** How many packets are sent twice. */
  readonly duplicate?: string | number | undefined;
  /** In how many packets a bit is wrong. */
  readonly corrupt?: string | number | undefined;
  /** How many packets overtake those that wait. */
  readonly reorder?: string | number | undefined;
  /** How fast packets leave: `"10mbit"` (bits), `"1mbps"` (bytes), with k, m, g, t or ki, mi, gi, ti before it. */
  readonly rate?: string | undefined;
  /** How many packets wait at most. */
  readonly limit?: number | undefined;
}

const NS_PER_S = 1_000_000_000;
const TIME_UNITS: ReadonlyMap<string, number> = new Map([
  ...["s", "sec", "secs"].map((unit) => [unit, NS_PER_S] as const),
  ...["ms", "msec", "msecs"].map((unit) => [unit, 1_000_000] as const),
  ...["us", "usec", "usecs"].map((unit) => [unit, 1000] as const),
  ...["ns", "nsec", "nsecs"].map((unit) => [unit, 1] as const),
]);
/** The longest delay: what a day has, far more than netem is of use for, and exact as a number. */
const LONGEST_NS = 86_400 * NS_PER_S;

const PREFIXES = { "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12, ki: 2 ** 10, mi: 2 ** 20, gi: 2 ** 30, ti: 2 ** 40 };
/** Bytes a second, by unit. */
const RATE_UNITS: ReadonlyMap<string, number> = new Map(
  Object.entries(PREFIXES).flatMap(([prefix, factor]) => [
    [`${prefix}bit`, factor / 8] as const,
    [`${prefix}bps`, factor] as const,
  ]),
);

/** A number as tc(8) reads it: `1.5`, `.5`. */
const NUMBER = "(?:\\d{1,15}(?:\\.\\d{0,15})?|\\.\\d{1,15})";
/** A number and the unit behind it. */
const QUANTITY = new RegExp(`^(${NUMBER})\\s*([a-z]*)$`, "i");

/** `given` in the unit that `units` count in, or undefined. */
function quantityOf(given: string, units: ReadonlyMap<string, number>): number | undefined {
  const [, number = "", unit = ""] = QUANTITY.exec(given.trim()) ?? [];
  const factor = units.get(unit.toLowerCase());
  if (factor !== undefined) return Math.round(Number(number) * factor);
  return number !== "" && unit === "" && Number(number) === 0 ? 0 : undefined;
}

/** The number of nanoseconds. */
function timeOf(given: string): number | undefined {
  const result = quantityOf(given, TIME_UNITS);
  return result === undefined || result > LONGEST_NS ? undefined : result;
}

/** The number of percent. */
function percentOf(given: string): number | undefined {
  const [, number] = /^((?:\d{1,3}(?:\.\d{0,20})?|\.\d{1,20})(?:e-\d{1,2})?)\s*%?$/.exec(given.trim()) ?? [];
  return number === undefined || Number(number) > 100 ? undefined : Number(number);
}

/** The number of bytes a second, at least 1. */
const rateOf = (given: string): number | undefined => quantityOf(given, RATE_UNITS) || undefined;

/** A field that is a number, or text, and becomes canonical text; `schema` says what it takes beside `expected`. */
function quantity(
  expected: string,
  read: (given: string) => number | undefined,
  write: (value: number) => string,
  schema: JsonSchema,
): Field<string> {
  return v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset: { value }, addIssue, NEVER }) => {
      const given = typeof value === "number" ? String(value) : value;
      const result = typeof given === "string" && given.length <= LONGEST_TEXT ? read(given) : undefined;
      if (result !== undefined) return write(result);
      addIssue({ message: expected });
      return NEVER;
    }),
    jsonSchema(() => ({ description: expected, ...schema })),
  );
}

/** A pattern of numbers with a unit; `zero` fits a number without one. */
function quantityPattern(units: ReadonlyMap<string, number>, zero = "(?!)"): string {
  const anyCase = (unit: string): string => unit.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
  const unit = [...units.keys()].map(anyCase).join("|");
  return `^\\s*(?:${NUMBER}\\s*(?:${unit})|${zero})\\s*$`;
}

const ZERO = "(?:0{1,15}(?:\\.0{0,15})?|\\.0{1,15})";
const PERCENT_PATTERN =
  "^\\s*(?:0?\\d{1,2}(?:\\.\\d{0,20})?|\\.\\d{1,20}|100(?:\\.0{0,20})?|(?:\\d{1,3}(?:\\.\\d{0,20})?|\\.\\d{1,20})e-\\d{1,2})\\s*%?\\s*$";

const TIME = "a time with its unit, s, ms, us or ns, such as 20ms, at most a day";
const time: Field<string> = quantity(TIME, timeOf, timeText, {
  anyOf: [
    { type: "string", pattern: quantityPattern(TIME_UNITS, ZERO), patternErrorMessage: `Expected ${TIME}` },
    { enum: [0], errorMessage: `Expected ${TIME}` },
  ],
});
const percentage: Field<string> = quantity(
  "a part of all packets from 0% to 100%, such as 1% or 0.5%",
  percentOf,
  percentText,
  { type: ["string", "number"], minimum: 0, maximum: 100, pattern: PERCENT_PATTERN },
);
const rate: Field<string> = quantity(
  "a rate with its unit: bit (bits a second) or bps (bytes a second) behind k, m, g or t, such as 10mbit",
  rateOf,
  rateText,
  { type: "string", pattern: quantityPattern(RATE_UNITS) },
);

const distribution: Field<NonNullable<Impairment["distribution"]>> = v.picklist(
  DISTRIBUTIONS,
  `${DISTRIBUTIONS.slice(0, -1).join(", ")} or ${DISTRIBUTIONS.at(-1)}`,
);

const FIELDS = {
  delay: optional(time),
  jitter: optional(time),
  distribution: optional(distribution),
  loss: optional(percentage),
  duplicate: optional(percentage),
  corrupt: optional(percentage),
  reorder: optional(percentage),
  rate: optional(rate),
  limit: optional(integer(1, 4_294_967_295, "a number of packets")),
} as const satisfies FieldsOf<ImpairmentInput>;

/** Reads an impairment: a mapping with quantities as tc(8) writes them. */
export const impairmentSchema: Field<Impairment> = definition(
  "impair",
  v.pipe(
    message("a mapping with delay, jitter, loss, rate or others", FIELDS, (values, given, report): void => {
      if (values.jitter && !given("delay")) report("jitter", "a delay beside it, which varies by the jitter");
      if (given("distribution") && !given("jitter")) report("distribution", "a jitter beside it, of which it is");
      if (values.reorder && !given("delay")) {
        report("reorder", "a delay beside it: only packets that wait are overtaken");
      }
    }, () => [
      ifThen({ anyOf: [isGiven("jitter"), isGiven("reorder")] }, isGiven("delay")),
      ifThen(isGiven("distribution"), isGiven("jitter")),
      { anyOf: Object.keys(FIELDS).map(isGiven) },
    ]),
    v.check(
      (values) => Object.values(values).some((value) => value !== undefined),
      "delay, loss, rate or another field",
    ),
    v.transform((values): Impairment => defined(values)),
  ),
);

/**
 * Checks an impairment by itself, as it is written in code or in words of a command.
 *
 * @throws {ConfigError} A field has a value that it cannot have.
 */
export function readImpairment(given: unknown): Impairment {
  const result = v.safeParse(impairmentSchema, given);
  if (result.success) return result.output;
  throw new ConfigError(
    result.issues.map(({ path = [], input, message }) => ({
      path: ["impair", ...path.map(({ key }) => String(key))].join("."),
      value: input,
      expected: message,
    })),
  );
}

/** A time in nanoseconds as tc(8) writes it: `"20ms"`. */
export function timeText(ns: number): string {
  for (const [unit, factor] of [["s", NS_PER_S], ["ms", 1_000_000], ["us", 1000]] as const) {
    if (ns !== 0 && ns % factor === 0) return `${ns / factor}${unit}`;
  }
  return `${ns}ns`;
}

/** A rate in bytes a second as tc(8) writes it: `"10mbit"`. */
export function rateText(bytes: number): string {
  const bits = bytes * 8;
  for (const [unit, factor] of [["tbit", 1e12], ["gbit", 1e9], ["mbit", 1e6], ["kbit", 1e3]] as const) {
    if (bits !== 0 && bits % factor === 0) return `${bits / factor}${unit}`;
  }
  return `${bits}bit`;
}

/** A part in percent as tc(8) writes it: `"1%"`. */
export function percentText(percent: number): string {
  return `${percent}%`;
}

/** The numbers of an impairment that was read, as the kernel counts. */
export function quantitiesOf(impairment: Impairment): ImpairmentQuantities {
  const { delay, jitter, distribution, loss, duplicate, corrupt, reorder, rate, limit } = impairment;
  return defined({
    delay: timeOf(delay ?? ""),
    jitter: timeOf(jitter ?? ""),
    distribution,
    loss: percentOf(loss ?? ""),
    duplicate: percentOf(duplicate ?? ""),
    corrupt: percentOf(corrupt ?? ""),
    reorder: percentOf(reorder ?? ""),
    rate: rateOf(rate ?? ""),
    limit,
  });
}

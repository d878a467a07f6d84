/** An impairment as a qdisc at the root of its link: netem, or tbf where only the rate is bounded. */
import * as v from "npm:valibot@1.5.0";
import { defined } from "../../collections.ts";
import {
  type Impairment,
  impairmentSchema,
  percentText,
  quantitiesOf,
  rateText,
  timeText,
} from "../../models/impair.ts";
import type { QdiscKind } from "../../netlink/tc/tc_kind.ts";
import { netem, type NetemOptions } from "../../netlink/tc/qdisc/kinds/netem.ts";
import { isNetemChangeable, wholeNetem } from "../../netlink/tc/qdisc/kinds/netem_change.ts";
import { tbf, type TbfOptions } from "../../netlink/tc/qdisc/kinds/tbf.ts";
import type { Qdisc } from "../../netlink/tc/qdisc/types.ts";
import { rootQdisc } from "../observed/lookup.ts";
import type { PlannedLink } from "./planned_link.ts";

/** The qdisc of an impairment, as netlink takes it. */
export type ImpairQdisc = { readonly kind: "netem" } & NetemOptions | { readonly kind: "tbf" } & TbfOptions;

/** A bucket holds what leaves in 10 ms, and a large packet at least. */
const [BURST_PARTS, LEAST_BURST] = [100, 16_384];
/** The kernel counts the time that a full bucket takes in 32 bits, which are 274 s. */
const LONGEST_BURST_S = 200;
/** What 32 bits count. */
const MOST = 0xffff_ffff;
/** A packet waits for 50 ms at most in a bucket. */
const LATENCY_PARTS = 20;

/** The qdisc for an impairment. Only a rate alone can do without netem, which many kernels lack. */
export function qdiscOf(impairment: Impairment): ImpairQdisc {
  const { rate, ...others } = quantitiesOf(impairment);
  if (rate === undefined || Object.keys(others).length > 0) return { kind: "netem", ...quantitiesOf(impairment) };
  const burst = Math.min(Math.max(LEAST_BURST, Math.ceil(rate / BURST_PARTS)), rate * LONGEST_BURST_S, MOST);
  return { kind: "tbf", rate, burst, limit: Math.min(burst + Math.ceil(rate / LATENCY_PARTS), MOST) };
}

/**
 * True if a qdisc does what `wanted` says. Both are compared as the kernel has them: it counts in parts of its own. Which
 * distribution a delay has is not listed.
 */
export function isQdisc(qdisc: Qdisc, wanted: ImpairQdisc): boolean {
  if (qdisc.kind === "netem" && wanted.kind === "netem") return netemText(qdisc) === netemText(wanted);
  if (qdisc.kind !== "tbf" || wanted.kind !== "tbf") return false;
  const { rate, burst, limit } = asListed(tbf, wanted);
  return qdisc.rate === rate && qdisc.burst === burst && qdisc.limit === limit && !qdisc.peakrate;
}

/** What a qdisc of its kind that is there is changed into, so that it does this and nothing else. */
export const asChange = (wanted: ImpairQdisc): ImpairQdisc =>
  wanted.kind === "netem" ? { kind: "netem", ...wholeNetem(wanted) } : wanted;

/**
 * True if a qdisc can be changed in place.
 *
 * @param known The impairment that it is, if that is known: the kernel does not list the distribution.
 */
export function isChangeable(present: Qdisc, wanted: ImpairQdisc, known?: Impairment): boolean {
  if (present.kind !== "netem" || wanted.kind !== "netem") return present.kind === wanted.kind;
  return isNetemChangeable(present, wanted, known && (known.distribution ?? "uniform"));
}

/** Options as the kernel lists them. */
function asListed<O extends object>({ encode, decode }: QdiscKind<string, O>, options: O): O {
  const bytes = encode?.(options, () => 0); // neither names a link
  return bytes === undefined || decode === undefined ? options : decode(bytes);
}

function netemText(options: NetemOptions): string {
  const { distribution: _, ...rest } = options;
  return JSON.stringify(asListed(netem, onlyNetem(rest)));
}

/** Without what a list says of any qdisc. */
function onlyNetem(options: NetemOptions): NetemOptions {
  return Object.fromEntries(Object.entries(options).filter(([key]) => Object.hasOwn(netem.fields, key)));
}

/** The impairment that a qdisc is, if a file can describe all of it. */
export function impairmentOf(qdisc: Qdisc): Impairment | undefined {
  const read = readImpairment(qdisc);
  return read !== undefined && isQdisc(qdisc, qdiscOf(read)) ? read : undefined;
}

/** How many packets a netem holds if nothing is said. */
const NETEM_LIMIT = 1000;

function readImpairment(qdisc: Qdisc): Impairment | undefined {
  if (qdisc.kind === "tbf") return qdisc.rate === undefined ? undefined : { rate: rateText(qdisc.rate) };
  if (qdisc.kind !== "netem") return undefined;
  const { delay, jitter, loss, duplicate, corrupt, reorder, rate, limit } = qdisc;
  const text = (value: number | undefined, write: (value: number) => string): string | undefined => (
    value === undefined || value === 0 ? undefined : write(value)
  );
  const found = defined({
    delay: text(delay, timeText),
    jitter: text(jitter, timeText),
    loss: text(loss, percentText),
    duplicate: text(duplicate, percentText),
    corrupt: text(corrupt, percentText),
    reorder: text(reorder, percentText),
    rate: text(rate, rateText),
    limit: limit === NETEM_LIMIT ? undefined : limit,
  });
  return Object.keys(found).length === 0 ? undefined : found;
}

/** An impairment in words: `"delay 20ms, loss 1%"`. */
export function impairmentText(impairment: Impairment): string {
  return Object.entries(impairment).map(([field, value]) => `${field} ${value}`).join(", ");
}

/** What a qdisc is, of which {@linkcode impairmentText} was recorded; undefined if it is something else by now. */
export function knownImpairment(qdisc: Qdisc, recorded: string | undefined): Impairment | undefined {
  if (recorded === undefined) return undefined;
  const fields = recorded.split(", ").map((field) => field.split(" "));
  const result = v.safeParse(
    impairmentSchema,
    Object.fromEntries(fields.map(([name, ...value]) => [name, value.join(" ")])),
  );
  return result.success && isQdisc(qdisc, qdiscOf(result.output)) ? result.output : undefined;
}

/** A qdisc in words: the impairment that it is, or its kind. */
export function qdiscText(qdisc: Qdisc): string {
  const impairment = impairmentOf(qdisc);
  return impairment === undefined ? `a qdisc ${qdisc.kind}` : impairmentText(impairment);
}

/** What is at the root of a link, in words; null for what the kernel puts there by itself. */
export function qdiscBefore({ namespace, index }: PlannedLink): string | null {
  const qdisc = index === undefined ? undefined : rootQdisc(namespace, index);
  return qdisc === undefined ? null : qdiscText(qdisc);
}

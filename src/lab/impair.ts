/** What a link of a lab does to the packets that leave it. */
import * as v from "npm:valibot@1.5.0";
import { ConfigError, NetlinkError } from "../errors.ts";
import { type Impairment, type ImpairmentInput, impairmentSchema, quantitiesOf } from "../models/impair.ts";
import type { Netlink } from "../netlink/netlink.ts";
import type { QdiscOptions } from "../netlink/tc/qdisc/types.ts";

/** The least burst of a limited rate, in bytes: more than a packet of the usual MTU, with its header. */
const LEAST_BURST = 1600;
/** A kernel with a tick of 4 ms lets so many bursts leave in a second. */
const BURSTS_A_SECOND = 250;
/** How long a packet waits at most for its turn at a limited rate, in nanoseconds. */
const LATENCY = 400_000_000;

/**
 * Checks an impairment that is written in code.
 *
 * @throws {ConfigError} A field has a value that it cannot have.
 */
export function readImpairment(given: ImpairmentInput): Impairment {
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

/**
 * Impairs a link, or mends it.
 *
 * @throws {NetlinkError} `ENOENT`: the kernel has no netem, which all but a rate needs.
 */
export function impair(netlink: Netlink, link: string, impairment: Impairment | undefined): void {
  if (impairment === undefined) {
    try {
      netlink.deleteQdisc({ link: { name: link }, parent: "root" });
    } catch (error) {
      if (!(error instanceof NetlinkError && (error.code === "ENOENT" || error.code === "EINVAL"))) throw error;
    }
    return;
  }
  netlink.replaceQdisc({ link: { name: link }, parent: "root", handle: "1:", ...optionsOf(impairment) });
}

/** A rate alone is tbf's, which every kernel has; netem does the rest, and a rate beside it. */
function optionsOf(impairment: Impairment): QdiscOptions {
  const { rate, ...others } = quantitiesOf(impairment);
  if (rate === undefined || Object.keys(others).length > 0) {
    return { kind: "netem", ...others, ...rate === undefined ? {} : { rate } };
  }
  const burst = Math.max(LEAST_BURST, Math.ceil(rate / BURSTS_A_SECOND));
  return { kind: "tbf", rate, burst, latency: LATENCY };
}

/** Which call of a scenario fails with what, or is the last: all there are, or so many of them. */
import { fitting } from "../../test/errnos.ts";
import type { Scenario } from "./scenarios.ts";
import { type Fault, pageOf, roleOf, type Target } from "./strace.ts";

/** One run with one fault. */
export interface Case {
  readonly scenario: Scenario;
  readonly target: Target;
  readonly fault: Fault;
  /** With what it is mended: the same command, or its inverse. */
  readonly mend: "again" | "inverse";
}

/** Which cases there are. */
export interface Selection {
  /** Of how many errors of each call each is tried: `"one"` (another from call to call) or all that fit. */
  readonly errnos: "one" | "all";
  /** At most so many cases of each scenario, half of them errors and half kills, evenly among all. */
  readonly sample?: number;
}

/** The cases of `scenario`, which makes the calls `targets`. */
export function casesOf(scenario: Scenario, targets: readonly Target[], { errnos, sample }: Selection): Case[] {
  const cases = targets.flatMap((target, index): Case[] => {
    const fit = fitting(pageOf(target.call));
    const chosen = errnos === "all" ? fit : fit.slice(index % fit.length, index % fit.length + 1);
    return [...chosen.map((errno) => ({ errno })), "kill" as const].map((fault, number) => ({
      scenario,
      target,
      fault,
      mend: (index + number) % 2 === 0 ? "again" : "inverse",
    }));
  });
  if (sample === undefined || sample >= cases.length) return cases;
  // They take turns: every second or fourth of all would be of one kind.
  const kills = cases.filter(({ fault }) => fault === "kill");
  const errors = cases.filter(({ fault }) => fault !== "kill");
  return [...spread(errors, Math.ceil(sample / 2)), ...spread(kills, Math.floor(sample / 2))];
}

/** So many of `all`, the first among them, at even distances. */
function spread<T>(all: readonly T[], count: number): readonly T[] {
  return all.filter((_, index) =>
    Math.floor(index * count / all.length) !== Math.floor((index - 1) * count / all.length)
  );
}

/** A case, for people: `"open /run/netns (1.) fails with EIO"`. */
export function describe({ target, fault }: Case): string {
  const what = `${roleOf(target.call)} (${target.number + 1}.)`;
  return fault === "kill" ? `killed before ${what}` : `${what} fails with ${fault.errno}`;
}

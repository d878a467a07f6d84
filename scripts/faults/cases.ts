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
  /** How many errors of each call are tried: `"one"` (another from call to call), all that fit, or none. */
  readonly errnos: "one" | "all" | "none";
  /** At most so many cases of each scenario, half of them errors and half kills, evenly among all. */
  readonly sample?: number;
  /** Only one part of the cases: `[2, 3]` is the second of three. */
  readonly part?: readonly [part: number, parts: number];
}

/** The cases of `scenario`, which makes the calls `targets`. */
export function casesOf(scenario: Scenario, targets: readonly Target[], selection: Selection): Case[] {
  const { errnos, sample, part: [part, parts] = [1, 1] } = selection;
  const all = targets.flatMap((target, index): Case[] => {
    const fit = fitting(pageOf(target.call));
    const first = index % fit.length;
    const chosen = errnos === "all" ? fit : fit.slice(first, errnos === "one" ? first + 1 : first);
    return [...chosen.map((errno) => ({ errno })), "kill" as const].map((fault, number) => ({
      scenario,
      target,
      fault,
      mend: (index + number) % 2 === 0 ? "again" : "inverse",
    }));
  });
  const cases = all.filter((_, index) => index % parts === part - 1);
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

/** Asynchronous calls in a namespace, beside what the runtime itself has for them. */
import { output } from "./contenders.ts";
import { HUB, namespaces } from "./namespaces.ts";
import type { Took } from "./results.ts";

/** A call of the library, and what it is compared with: both are first words of `ours.ts`. */
export interface Call {
  readonly name: "connect" | "fetch" | "worker-call";
  /** For people. */
  readonly title: string;
  /** The most that ours may take, as a ratio to the other, by the name of the contender. */
  readonly target: Readonly<Record<string, number>>;
  /** How often it is done in a round. */
  readonly count: number;
  readonly own: { readonly name: "connect-own" | "fetch-own" | "run-in-namespace"; readonly count: number };
}

const [DENO, NODE] = ["netns in Deno", "netns in Node"];

/** The calls side by side. */
export const CALLS: readonly Call[] = [
  {
    ...{ name: "connect", title: "`connect`, beside `net.connect` at home", count: 300 },
    ...{ own: { name: "connect-own", count: 300 }, target: { [DENO]: 1.15, [NODE]: 1.15 } },
  },
  {
    ...{ name: "fetch", title: "`fetch` over a kept connection, beside the runtime's own at home", count: 300 },
    ...{ own: { name: "fetch-own", count: 300 }, target: { [DENO]: 2, [NODE]: 1.3 } },
  },
  {
    ...{ name: "worker-call", title: "a call of a worker, beside `runInNamespace`", count: 1000 },
    ...{ own: { name: "run-in-namespace", count: 5 }, target: { [DENO]: 0.01, [NODE]: 0.01 } },
  },
];

/** The name of what a contender is compared with, in figures. */
export const ownOf = (contender: string): string => `${contender}, own`;

/** Has each runtime do both, round by round, and the other one first in every second round; gives the microseconds of each. */
export function measureCall(
  { name, count, own }: Call,
  rounds: number,
  programs: Readonly<Record<string, readonly string[]>>,
): Took {
  const took: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [contender, [command = "", ...args]] of Object.entries(programs)) {
      const pairs = [[contender, name, count], [ownOf(contender), own.name, own.count]] as const;
      for (const [key, word, often] of round % 2 === 0 ? pairs : pairs.toReversed()) {
        using _ = namespaces([HUB]);
        const [total = NaN] = output(command, [...args, word, `${often}`]).split(" ").map(Number);
        (took[key] ??= []).push(total / often);
      }
    }
  }
  return took;
}

/** Side by side: each contender in turn, round by round, each time from the same start. */
import { MEASURE, type Took } from "./comparison.ts";
import type { Contender } from "./contenders.ts";
import { namespaces } from "./namespaces.ts";
import type { Work } from "./works.ts";

/** Has each contender do the work once a round. Who begins changes, so that nobody always comes after the same one. */
export function measure(
  work: Work,
  contenders: readonly Contender[],
  rounds: number,
  count: number,
  onRound: (round: number) => void = () => undefined,
): Took {
  const took: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    onRound(round);
    for (let i = 0; i < contenders.length; i++) {
      const contender = contenders[(round + i) % contenders.length];
      if (contender === undefined) continue;
      const name = contender.name === MEASURE ? work.measure ?? work.name : work.name;
      using _ = namespaces(work.names(count));
      const figures = contender.run(name, count);
      if (figures !== undefined) (took[contender.name] ??= []).push(figures.each);
    }
  }
  return took;
}

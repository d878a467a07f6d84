/** What a suite asks of every apply. */
import { assertEquals } from "@std/assert";
import type { NetworkConfigInput } from "@netns/netns";
import type { Scratch } from "../../integration/configurator/scratch.ts";

/** Applies, twice; the second time there is nothing to do. Gives the lines of the first. */
export async function settle(scratch: Scratch, document: NetworkConfigInput): Promise<readonly string[]> {
  const first = await scratch.apply(document);
  assertEquals([first.failed, first.pending], [[], []]);
  const second = await scratch.apply(document);
  assertEquals([second.lines, second.failed, second.pending], [[], [], []], "a second time");
  return first.lines;
}

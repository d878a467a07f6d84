/** What a suite of the configurator in User Mode Linux must leave as it found it. */
import { assertEquals } from "@std/assert";
import { after, before } from "@std/testing/bdd";
import { Scratch } from "../../integration/configurator/scratch.ts";
import { traces } from "../../integration/support/traces.ts";

/** What is there, but for links: the modules of tunnels and bonds make some of their own when they are loaded. */
function allButLinks(): unknown {
  const { links: _, ...others } = traces();
  return others;
}

/**
 * Has the suite around it compare, before its first test and after its last.
 *
 * @param look What is compared. @default {allButLinks}
 */
export function leavesNothing(look: () => unknown = allButLinks): void {
  let start: unknown;
  before(() => {
    {
      using scratch = new Scratch();
      scratch.make("a"); // the first name makes a mount of the directory
    }
    start = look();
  });
  after(() => assertEquals(look(), start));
}

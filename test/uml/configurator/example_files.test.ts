/** The files of `test/examples/` for which a kernel may lack something. */
import { after, before, describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { Scratch } from "../../integration/configurator/scratch.ts";
import { tryExample } from "../../integration/configurator/example.ts";
import { traces } from "../../integration/support/traces.ts";

const FILES = ["vlan_trunk", "vrf", "bond", "lossy_wan"];

/** What is there, but for links: the module of bonds makes a file beside theirs. */
function left(): unknown {
  const { links: _, ...others } = traces();
  return others;
}

describe("test/examples", () => {
  let start: unknown;
  before(() => {
    {
      using scratch = new Scratch();
      scratch.make("a"); // the first name makes a mount of the directory
    }
    start = left();
  });
  after(() => assertEquals(left(), start));

  for (const name of FILES) {
    it(`${name}.yaml is applied, tried, applied again and taken away`, () => tryExample(`test/examples/${name}.yaml`));
  }
});

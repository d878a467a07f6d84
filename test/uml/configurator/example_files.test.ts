/** The files of `test/examples/` for which a kernel may lack something. */
import { describe, it } from "@std/testing/bdd";
import { tryExample } from "../../integration/configurator/example.ts";
import { leavesNothing } from "./leaves_nothing.ts";

const FILES = ["vlan_trunk", "vrf", "bond", "lossy_wan"];

describe("test/examples", () => {
  leavesNothing();

  for (const name of FILES) {
    it(`${name}.yaml is applied, tried, applied again and taken away`, () => tryExample(`test/examples/${name}.yaml`));
  }
});

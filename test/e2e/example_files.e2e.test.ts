/** The files of `test/examples/` for which each kernel has what they need; the others are in `test/uml/`. */
import { after, before, it } from "@std/testing/bdd";
import { tryExample } from "../integration/configurator/example.ts";
import { assertSameTraces, describeAsRoot, traces } from "../integration/support/traces.ts";
import { root } from "./support.ts";

const FILES = ["router", "dual_stack", "vxlan_overlay", "home_router", "kill_switch"];

describeAsRoot("test/examples", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  for (const name of FILES) {
    it(`${name}.yaml is applied, tried, applied again and taken away`, () =>
      tryExample(`${root}test/examples/${name}.yaml`));
  }
});

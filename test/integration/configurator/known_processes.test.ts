/** A process that got the number of another one: its namespace is let go of. */
import { assert, assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import process from "node:process";
import { type Namespace, NsHandler, pidNs } from "@netns/netns";
import { KnownProcesses } from "../../../src/configurator/observed/known_processes.ts";
import { isAvailable } from "../../../src/configurator/observed/observed_namespace.ts";
import { ObservedNamespaces } from "../../../src/configurator/observed/observed_namespaces.ts";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";

describeAsRoot("A process under the number of another one", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("is not entered, and no descriptor stays", () => {
    const handler = new NsHandler({ docker: false });
    let began = "1";
    const processes = new KnownProcesses(() => began);
    const namespaceOf = (ns: Namespace): string => {
      using namespaces = new ObservedNamespaces(handler, handler.netnsDir, processes);
      const found = namespaces.namespaceOf(ns);
      return isAvailable(found) ? "open" : found.reason;
    };
    assertEquals(namespaceOf(pidNs(process.pid)), "open");
    const open = traces();
    began = "2";
    assert(namespaceOf(pidNs(process.pid)).includes("is another process now"));
    assertSameTraces(open);
  });
});

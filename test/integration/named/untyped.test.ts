/** What untyped code may give as options: a typing mistake must not lead to the directory, or to the runtime, of the host. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import {
  createNamedNamespace,
  defineNetwork,
  deleteNamedNamespace,
  discoverNamespaces,
  identifyNamespace,
  inspectNamedNamespaces,
  listNamedNamespaces,
  namedNamespaceExists,
  namespaceToString,
  newNamespaceMgmtCtx,
  NsHandle,
  NsHandler,
  parseConfig,
  pidNs,
  watchNamedNamespaces,
} from "@netns/netns";
import { describeAsRoot, traces } from "../support/traces.ts";
import { untyped } from "../../support/untyped.ts";

/** The functions that take `netnsDir`. */
const WITH_DIRECTORY: Readonly<Record<string, (options: unknown) => unknown>> = {
  createNamedNamespace: (options) => createNamedNamespace("netns-untyped", untyped(options)),
  deleteNamedNamespace: (options) => deleteNamedNamespace("netns-untyped", untyped(options)),
  namedNamespaceExists: (options) => namedNamespaceExists("netns-untyped", untyped(options)),
  listNamedNamespaces: (options) => listNamedNamespaces(untyped(options)),
  inspectNamedNamespaces: (options) => inspectNamedNamespaces(untyped(options)),
  identifyNamespace: (options) => identifyNamespace(0, untyped(options)),
  discoverNamespaces: (options) => discoverNamespaces(untyped(options)),
  watchNamedNamespaces: (options) => watchNamedNamespaces(untyped(options)),
  NsHandler: (options) => new NsHandler(untyped(options)),
  attach(options) {
    using here = NsHandle.current();
    here.attach("netns-untyped", untyped(options));
  },
};

describeAsRoot("options, of what untyped code gives", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  for (const [name, call] of Object.entries(WITH_DIRECTORY)) {
    it(`${name} refuses fields that there are not, and a directory that is none`, () => {
      assertThrows(() => call({ netnsdir: "/nowhere" }), TypeError, "did you mean netnsDir?");
      for (const wrong of [null, 5, "/nowhere", []]) assertThrows(() => call(wrong), TypeError, "expected an object");
      for (const netnsDir of [null, 5, "", "a\0b", ["/nowhere"], {}]) {
        assertThrows(() => call({ netnsDir }), TypeError, "as netnsDir: expected the path of a directory");
      }
    });
  }

  it("says what a handler, a watch and a discovery take", () => {
    const containers = (given: unknown) => () => discoverNamespaces(untyped({ containers: given }));
    assertThrows(containers([null]), TypeError, "null as a container: expected { id, name, pid, inode }");
    assertThrows(containers([{ inode: 5 }]), TypeError, "as a container: expected ");
    for (const options of [null, 5, "x", []]) {
      assertThrows(() => parseConfig("namespaces: [a]", untyped(options)), TypeError, "expected an object");
      assertThrows(() => defineNetwork({ namespaces: ["a"] }, untyped(options)), TypeError, "expected an object");
    }
    assertThrows(() => parseConfig("", untyped({ sorce: "a" })), TypeError, "did you mean source?");
    const handler = (options: unknown) => () => new NsHandler(untyped(options));
    assertThrows(handler({ docker: null }), TypeError, "null as docker: expected an object, or false");
    assertThrows(handler({ docker: { socket: "/x" } }), TypeError, '"socket" as a field of the options of docker');
    assertThrows(handler({ system: 5 }), TypeError, "5 as system: expected");
    assertThrows(() => watchNamedNamespaces(untyped({ signal: 5 })), TypeError, "signal: expected an AbortSignal");
    assertThrows(() => discoverNamespaces(untyped({ names: "no" })), TypeError, "names: expected true or false");
    assertThrows(() => discoverNamespaces(untyped({ containers: 5 })), TypeError, "containers: expected a list");
  });

  it("says what waits and iterations of a handler take", async () => {
    await using handler = new NsHandler({ docker: false });
    const iterations: Readonly<Record<string, (options: unknown) => unknown>> = {
      microserviceEvents: (options) => handler.microserviceEvents(untyped(options)),
      containerEvents: (options) => handler.containerEvents(untyped(options)),
      containerRuntimeStates: (options) => handler.containerRuntimeStates(untyped(options)),
    };
    for (const call of Object.values(iterations)) {
      assertThrows(() => call({ signl: AbortSignal.abort() }), TypeError, "did you mean signal?");
      assertThrows(() => call({ signal: 5 }), TypeError, "5 as signal: expected an AbortSignal");
      assertThrows(() => call(null), TypeError, "expected an object");
    }
    const wait = (options: unknown) => handler.waitFor(pidNs(0), untyped(options));
    await assertRejects(() => wait({ timeout: 5 }), TypeError, '"timeout" as a field of the options of waitFor');
    await assertRejects(() => wait({ signal: 5 }), TypeError, "5 as signal: expected an AbortSignal");
  });

  it("says what a section, a context, a comparison and a text take", async () => {
    using here = NsHandle.current();
    await using handler = new NsHandler({ docker: false });
    assertThrows(() => here.run(untyped(5)), TypeError, "5 as what runs in");
    assertThrows(() => handler.withNamespace(undefined, untyped(null)), TypeError, "null as what runs in");
    assertThrows(() => handler.switchNamespace(pidNs(0), untyped({})), TypeError, "as the context of a switch");
    assertThrows(() => here.equals(untyped(null)), TypeError, "Cannot compare a namespace with null");
    assertThrows(() => identifyNamespace(untyped(null)), TypeError, "expected a process id or an open NsHandle");
    assertThrows(() => handler.genericToIfaceNs(untyped(null)), TypeError);
    assertThrows(() => parseConfig(untyped({})), TypeError, "expected text in YAML or JSON");
    assertThrows(() => NsHandle.fromPath(untyped(["/proc/self/ns/net"])), TypeError);
    assertEquals(newNamespaceMgmtCtx().depth, 0);
    assert(here.isOpen && namespaceToString(pidNs(0)) === "PID:0");
  });
});

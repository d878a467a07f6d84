import { assertEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { constants } from "node:os";
import process from "node:process";
import { NsHandler, pidNs, SyscallError } from "@netns/netns";
import { interceptLibc } from "../../../ffi/mod.ts";
import { KnownProcesses } from "../../../src/configurator/observed/known_processes.ts";
import { isAvailable } from "../../../src/configurator/observed/observed_namespace.ts";
import { ObservedNamespaces } from "../../../src/configurator/observed/observed_namespaces.ts";
import { assertSameTraces, describeAsRoot, traces } from "../support/traces.ts";

/** What opening the state of this process in /proc fails with in the block. */
function hidden(errno: number): Disposable {
  const stat = `/proc/${process.pid}/stat\0`;
  return interceptLibc((name, [path], proceed) =>
    name === "open" && path instanceof Uint8Array && new TextDecoder().decode(path) === stat ? { errno } : proceed()
  );
}

describeAsRoot("KnownProcesses, of processes that are hidden", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("takes a number as it is, and no descriptor stays", () => {
    const handler = new NsHandler({ docker: false });
    const processes = new KnownProcesses();
    for (const code of ["EACCES", "EPERM", "ENOENT", "ESRCH"] as const) {
      using _hidden = hidden(constants.errno[code]);
      assertEquals([code, processes.refusal(pidNs(process.pid))], [code, undefined]);
      using namespaces = new ObservedNamespaces(handler, handler.netnsDir, processes);
      assertEquals([code, isAvailable(namespaces.namespaceOf(pidNs(process.pid)))], [code, true]);
    }
    using _broken = hidden(constants.errno.EIO);
    using namespaces = new ObservedNamespaces(handler, handler.netnsDir, processes);
    assertThrows(() => namespaces.namespaceOf(pidNs(process.pid)), SyscallError, "EIO");
  });
});

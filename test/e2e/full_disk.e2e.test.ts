/** A state directory on a file system that is full: what only takes away goes on, what makes something does not begin. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { mkdtempSync, readdirSync, rmdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Configurator,
  FileStateStore,
  type NetworkConfigInput,
  NsHandler,
  SyscallError,
  SystemHandler,
} from "@netns/netns";
import { leftEnd, rightEnd } from "../support/topologies.ts";
import { assertSameTraces, describeAsRoot, traces } from "../integration/support/traces.ts";
import { Scratch } from "../integration/configurator/scratch.ts";

const MNT_DETACH = 2;

/** A directory of states on a file system of its own, which can be filled. */
class SmallDisk implements Disposable {
  readonly directory: string = mkdtempSync(join(tmpdir(), "netns-full-"));
  readonly #system = new SystemHandler();

  constructor() {
    this.#system.mount("tmpfs", this.directory, "tmpfs", 0, "size=64k,mode=700");
  }

  fill(): void {
    const { bfree, bsize } = statfsSync(this.directory);
    writeFileSync(join(this.directory, "filler"), new Uint8Array(bfree * bsize));
  }

  free(): void {
    rmSync(join(this.directory, "filler"));
  }

  states(): string[] {
    return readdirSync(this.directory).filter((name) => name.endsWith(".json") || name.endsWith(".tmp"));
  }

  [Symbol.dispose](): void {
    this.#system.unmount(this.directory, MNT_DETACH);
    rmdirSync(this.directory);
  }
}

describeAsRoot("Configurator, of a state directory that is full,", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  const FILE: NetworkConfigInput = {
    namespaces: ["blue", "green"],
    interfaces: [leftEnd({ ipAddresses: ["10.1.0.1/24"] }), rightEnd()],
    routes: ["blue 10.2.0.0/16 via 10.1.0.9"],
  };

  it("destroys, and keeps no state where all is gone", async () => {
    using scratch = new Scratch();
    using disk = new SmallDisk();
    const configurator = new Configurator(new NsHandler(), { store: new FileStateStore(disk.directory) });
    const config = scratch.config(FILE);
    assertEquals((await configurator.apply(config)).failed, []);
    disk.fill();
    const larger = scratch.config({ ...FILE, namespaces: ["blue", "green", "red"] });
    const error = await assertRejects(() => configurator.apply(larger), SyscallError);
    assertEquals([error.code, scratch.exists("red")], ["ENOSPC", false], "apply does not begin");
    const { failed, pending, warnings } = await configurator.destroy(config);
    assertEquals([failed, pending, warnings], [[], [], undefined]);
    assertEquals([scratch.exists("blue"), scratch.exists("green"), disk.states()], [false, false, []]);
  });

  it("destroys what it can, says that the rest is remembered as it was, and ends it later", async () => {
    using scratch = new Scratch();
    using disk = new SmallDisk();
    const configurator = new Configurator(new NsHandler(), { store: new FileStateStore(disk.directory) });
    const config = scratch.config(FILE);
    assertEquals((await configurator.apply(config)).failed, []);
    // What somebody puts into a namespace stays, and the namespace with it.
    scratch.in("blue", (netlink) => netlink.addLink({ kind: "veth", name: "theirs", peer: { name: "ends" } }));
    disk.fill();
    const { failed, pending, warnings = [] } = await configurator.destroy(config);
    assertEquals([failed, pending.length, disk.states().length], [[], 1, 1]);
    assertMatch(warnings.join("\n"), /^what is remembered is as before this destroy: .*No space left on device/);
    assertEquals([scratch.exists("blue"), scratch.exists("green")], [true, false]);
    scratch.in("blue", (netlink) => netlink.deleteLink("theirs"));
    disk.free();
    assertEquals((await configurator.destroy(config)).failed, []);
    assertEquals([scratch.exists("blue"), disk.states()], [false, []]);
  });
});

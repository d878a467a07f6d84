/** What was borrowed or replaced comes back as it was, also if that fails or is cut short. */
import { assert, assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { constants } from "node:os";
import {
  type ConfigurationState,
  Configurator,
  createTun,
  MemoryStateStore,
  Netlink,
  type NetworkConfigInput,
  NsHandle,
} from "@netns/netns";
import { type Functions, interceptLibc } from "../../../ffi/mod.ts";
import { leftEnd, PAIR, rightEnd } from "../../support/topologies.ts";
import { assertSameTraces, describeAsRoot, scratchName, traces } from "../support/traces.ts";
import { Scratch } from "./scratch.ts";

const RTM_NEWLINK = 16;
const RTM_NEWADDR = 20;

/** Somebody's TAP in the default namespace, with addresses as `ip` and as other programs give them. */
class Tap implements Disposable {
  readonly name: string = scratchName().slice(-8);
  readonly #netlink: Netlink = Netlink.open();

  constructor() {
    createTun({ name: this.name, mode: "tap", persistent: true }).close();
    const link = this.#netlink.getLink({ name: this.name });
    this.#netlink.addAddress(link, "198.51.100.1/24", { broadcast: "198.51.100.77", label: `${this.name}:1` });
    this.#netlink.addAddress(link, "198.51.100.2/24");
    this.#netlink.addAddress(link, "203.0.113.1/24", { noPrefixRoute: true, metric: 7 });
    for (const host of [1, 2, 3]) this.#netlink.addAddress(link, `2001:db8::${host}/64`, { noDad: true });
    this.#netlink.setLink(link, { up: true });
    this.#netlink.addNeighbour({ link, ip: "198.51.100.9", address: "02:00:00:00:00:09" });
  }

  get index(): number {
    return this.#netlink.getLink({ name: this.name }).index;
  }

  /** All that it has, in the kernel's order. */
  get state(): unknown {
    const { index, address, mtu, up } = this.#netlink.getLink({ name: this.name });
    return {
      link: [index, address, mtu, up],
      addresses: this.#netlink.listAddresses({ linkIndex: index }).filter(({ cidr }) => !cidr.startsWith("fe80:"))
        .map(({ tentative: _, ...one }) => one),
      neighbours: this.#netlink.listNeighbours({ linkIndex: index }).filter(({ state }) => state === "permanent")
        .map(({ ip, address }) => [ip, address]),
    };
  }

  /** A file that borrows it. */
  get file(): NetworkConfigInput {
    const tap = { name: "t", type: "AUTO_TAP" as const, tap: { tempIfName: this.name } };
    const rest = { namespace: "blue", hostIfName: "eth0", mtu: 1400, physAddress: "02:00:00:00:00:01" };
    return { namespaces: ["blue"], interfaces: [{ ...tap, ...rest, ipAddresses: ["10.1.0.1/24"], enabled: true }] };
  }

  [Symbol.dispose](): void {
    const own = this.#netlink.listLinks().find(({ name }) => name === this.name);
    if (own !== undefined) this.#netlink.deleteLink({ index: own.index });
    this.#netlink.close();
  }
}

/** Lets the sends of one kind of message fail while `work` runs; how many those were. */
async function failSends(type: number, work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const fail = (): { readonly errno: number } => {
    count++;
    return { errno: constants.errno.ENOBUFS };
  };
  using _door = interceptLibc((name, [, message], proceed) => {
    const isMeant = name === "send" && message instanceof Uint8Array && message[4] === type && !asksForFamily(message);
    return isMeant ? fail() : proceed();
  });
  await work();
  return count;
}

/** True of a question for a family of generic netlink, whose type is that of RTM_NEWLINK: it is shorter than any link. */
const asksForFamily = (message: Uint8Array): boolean => message[4] === RTM_NEWLINK && message.length < 40;

/** What changes the machine. */
const EFFECTS: ReadonlySet<keyof Functions> = new Set(["send", "mount", "umount2", "unlink"]);

/** Destroys, and is as good as killed at an effect: from then on nothing is changed, and nothing is written. */
const destroyUntil = (effect: number, scratch: Scratch, file: NetworkConfigInput): Promise<boolean> =>
  cutShort(effect, scratch, (configurator) => configurator.destroy(scratch.config(file)));

/**
 * Works, and is as good as killed at an effect; false if there are not so many.
 *
 * @param onSave Is called with how many there were when something is saved.
 */
async function cutShort(
  effect: number,
  scratch: Scratch,
  work: (configurator: Configurator) => Promise<unknown>,
  onSave: (effects: number) => void = () => undefined,
): Promise<boolean> {
  let effects = 0;
  class CrashingStore extends MemoryStateStore {
    override load = (name: string): Promise<ConfigurationState | undefined> => scratch.store.load(name);
    override save = async (name: string, state: ConfigurationState): Promise<void> => {
      onSave(effects);
      if (effects < effect) await scratch.store.save(name, state);
    };
    override remove = async (name: string): Promise<void> => {
      if (effects < effect) await scratch.store.remove(name);
    };
  }
  const configurator = new Configurator(scratch.handler, { store: new CrashingStore() });
  using _door = interceptLibc((name, _args, proceed) => (
    EFFECTS.has(name) && ++effects >= effect ? { errno: constants.errno.ENOBUFS } : proceed()
  ));
  try {
    await work(configurator);
  } catch (error) {
    assert(error instanceof Error);
  }
  return effects >= effect;
}

describeAsRoot("What was borrowed", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("comes back with its number, its addresses in their order and all that they were given", async () => {
    using scratch = new Scratch();
    using tap = new Tap();
    const before = tap.state;
    assertEquals((await scratch.apply(tap.file)).failed, []);
    assertEquals((await scratch.apply(tap.file)).done, []);
    assertEquals((await scratch.destroy(tap.file)).failed, []);
    assertEquals(tap.state, before);
  });

  it("is recorded with the number that it got, also where its own is taken", async () => {
    using scratch = new Scratch();
    using tap = new Tap();
    const { index } = tap;
    scratch.make("blue");
    scratch.in("blue", (netlink) => netlink.addLink({ kind: "bridge", name: "theirs", index }));
    await scratch.apply(tap.file);
    const state = await scratch.store.load(String(scratch.config({}).name));
    const recorded = state?.records.flatMap((record) => record.kind === "borrowed" ? record.ends : []);
    const now = scratch.in("blue", (netlink) => netlink.getLink({ name: "eth0" }).index);
    assertEquals(recorded?.map(({ index }) => index), [now]);
    await scratch.destroy(tap.file);
    assertEquals(tap.index, index);
  });

  it("comes back with the next destroy, if the first one fails on the way", async () => {
    using scratch = new Scratch();
    using tap = new Tap();
    const before = tap.state;
    for (const type of [RTM_NEWLINK, RTM_NEWADDR]) {
      await scratch.apply(tap.file);
      const failed = await failSends(type, async () => {
        assert((await scratch.destroy(tap.file)).failed.length > 0);
      });
      assert(failed > 0, "nothing failed");
      assertEquals((await scratch.destroy(tap.file)).failed, []);
      assertEquals(tap.state, before);
    }
  });

  it("comes back with the next destroy after a crash anywhere in the first one", async () => {
    for (let effect = 1, isCut = true; isCut; effect++) {
      using scratch = new Scratch();
      using tap = new Tap();
      const before = tap.state;
      await scratch.apply(tap.file);
      isCut = await destroyUntil(effect, scratch, tap.file);
      NsHandle.home().close(); // a thread that could not return tries again with its next switch
      const { failed } = await scratch.destroy(tap.file);
      assertEquals(failed.filter(({ owner }) => owner === undefined), [], `${effect}`); // or nothing is remembered
      const left = await scratch.store.load(String(scratch.config({}).name));
      assertEquals([tap.state, left, scratch.exists("blue")], [before, undefined, false], `${effect}`);
    }
  });
});

describeAsRoot("What was replaced", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertSameTraces(start));

  it("comes back if an apply was cut short that made an adopted pair anew, wherever that was", async () => {
    const anew: NetworkConfigInput = {
      ...PAIR,
      interfaces: [leftEnd({ queues: 2 }), rightEnd({ queues: 2 })],
    };
    let intended = Infinity; // before it is known what is intended, nothing is changed
    for (let effect = Infinity;; effect = effect === Infinity ? intended + 1 : effect + 1) {
      for (const next of ["apply", "destroy"] as const) {
        using scratch = new Scratch();
        for (const short of ["blue", "green"]) scratch.make(short);
        scratch.in("green", (_, ns) => {
          scratch.in("blue", (netlink) => {
            netlink.addLink({ kind: "veth", name: "eth0", mtu: 1400, peer: { name: "eth0", netns: ns } });
          });
        });
        for (const short of ["blue", "green"]) {
          scratch.in(short, (netlink) => netlink.setLink({ name: "lo" }, { up: true }));
        }
        const standing = [scratch.look("blue"), scratch.look("green")];
        assertEquals((await scratch.apply(PAIR, { adopt: true })).failed, []);
        const work = (configurator: Configurator): Promise<unknown> => configurator.apply(scratch.config(anew));
        const isCut = await cutShort(effect, scratch, work, (count) => intended = Math.min(intended, count));
        if (next === "apply") {
          assertEquals((await scratch.apply(anew)).failed, [], `effect ${effect}`);
          assertEquals((await scratch.apply(anew)).lines, [], `effect ${effect}`);
        }
        const { failed, pending } = await scratch.destroy({});
        assertEquals([failed, pending], [[], []], `effect ${effect}, then ${next}`);
        assertEquals([scratch.look("blue"), scratch.look("green")], standing, `effect ${effect}, then ${next}`);
        assertEquals(await scratch.store.names(), [], `effect ${effect}, then ${next}`);
        if (!isCut && effect !== Infinity) return;
      }
    }
  });

  it("comes back with the next destroy, if the first one cannot make it again", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    scratch.in("blue", (netlink) => {
      netlink.addLink({ kind: "veth", name: "eth0", mtu: 1400, peer: { name: "theirs" } });
      netlink.addAddress({ name: "eth0" }, "10.5.0.1/24");
      netlink.setLink({ name: "lo" }, { up: true });
    });
    const before = scratch.state("blue");
    const file = { namespaces: ["blue", "green"], interfaces: [leftEnd(), rightEnd()] };
    assertEquals((await scratch.apply(file, { adopt: true })).failed, []);
    const failed = await failSends(RTM_NEWLINK, async () => {
      assert((await scratch.destroy(file)).failed.length > 0);
    });
    assert(failed > 0, "nothing failed");
    assertEquals(scratch.look("blue"), {});
    assertEquals((await scratch.destroy(file)).failed, []);
    assertEquals(scratch.state("blue"), before);
  });

  it("is remembered once, if what comes in its place is made by the next apply only", async () => {
    using scratch = new Scratch();
    scratch.make("blue");
    scratch.in("blue", (netlink) => {
      netlink.addLink({ kind: "veth", name: "eth0", mtu: 1400, peer: { name: "theirs" } });
      netlink.setLink({ name: "lo" }, { up: true });
    });
    const before = scratch.state("blue");
    const file = { namespaces: ["blue", "green"], interfaces: [leftEnd(), rightEnd()] };
    await failSends(RTM_NEWLINK, () => scratch.apply(file, { adopt: true }));
    assertEquals(scratch.look("blue"), {});
    assertEquals((await scratch.apply(file)).failed, []);
    const state = await scratch.store.load(String(scratch.config({}).name));
    assertEquals(state?.records.filter((one) => one.kind === "link" && one.replaced !== undefined).length, 1);
    assertEquals((await scratch.destroy(file)).failed, []);
    assertEquals(scratch.state("blue"), before);
  });
});

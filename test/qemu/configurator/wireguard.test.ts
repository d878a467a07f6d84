/** Links of the type WIREGUARD, which only Debian's kernel has: compared with what `wg` says of them, and used. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert, assertEquals } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import type { InterfaceInput, NetworkConfigInput } from "@netns/netns";
import { Scratch } from "../../integration/configurator/scratch.ts";
import { traces } from "../../integration/support/traces.ts";

function run(command: string, args: readonly string[], input = ""): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", input });
  assertEquals(status, 0, stderr);
  return stdout.trim();
}

describe("WIREGUARD", () => {
  let start: unknown;
  let folder = "";
  const secrets: string[] = [];

  /** A key in a file, and what belongs to it in public. */
  function key(name: string): { readonly file: string; readonly publicKey: string } {
    const privateKey = run("wg", ["genkey"]);
    secrets.push(privateKey);
    const file = join(folder, name);
    writeFileSync(file, `${privateKey}\n`, { mode: 0o600 });
    return { file, publicKey: run("wg", ["pubkey"], privateKey) };
  }

  /** What a test must leave as it found it; the threads of the agent keep descriptors. */
  const left = (): unknown => {
    const { names, links } = traces();
    return { names, links };
  };

  before(() => {
    start = left();
    folder = mkdtempSync("/tmp/netns-wireguard-");
  });
  after(() => {
    rmSync(folder, { recursive: true });
    assertEquals(left(), start);
  });

  it("is made with its keys and peers, changed in place, mended and taken away, and shows no key", async () => {
    using scratch = new Scratch();
    const [left, right, other, shared] = [key("left"), key("right"), key("other"), key("shared")];
    const birth = (name: string): string => scratch.name(name);
    const link = (namespace: string, wireguard: InterfaceInput["wireguard"], ip: string): InterfaceInput => (
      { name: namespace, hostIfName: "wg0", type: "WIREGUARD", namespace, ipAddresses: [ip], wireguard }
    );
    const common = { presharedKeyFile: shared.file };
    const document = (peers: NonNullable<InterfaceInput["wireguard"]>["peers"], birthNamespace = birth("u")) => ({
      namespaces: ["u", "v", "a", "b"],
      interfaces: [
        link("a", { privateKeyFile: left.file, listenPort: 1001, birthNamespace, peers }, "10.1.0.1/24"),
        link("b", {
          privateKeyFile: right.file,
          listenPort: 1002,
          fwMark: 5,
          birthNamespace: birth("u"),
          peers: [{ publicKey: left.publicKey, allowedIps: ["10.1.0.1"], ...common }],
        }, "10.1.0.2/24"),
      ],
    } satisfies NetworkConfigInput);
    const peer = { publicKey: right.publicKey, endpoint: "127.0.0.1:1002", allowedIps: ["10.1.0.2/32"], ...common };
    const second = { publicKey: other.publicKey, allowedIps: ["10.9.0.0/16"], persistentKeepalive: 25 };
    const texts: string[] = [];
    const settle = async (file: NetworkConfigInput): Promise<readonly string[]> => {
      texts.push(JSON.stringify(await scratch.configurator.plan(scratch.config(file))));
      const report = await scratch.apply(file);
      assertEquals([report.failed, report.pending], [[], []]);
      texts.push(JSON.stringify(report));
      const [name] = await scratch.store.names();
      texts.push(JSON.stringify(await scratch.store.load(name ?? "")));
      const again = await scratch.apply(file);
      assertEquals([again.lines, again.failed, again.pending], [[], [], []], "a second time");
      return report.lines;
    };
    const wg = (short: string, ...args: string[]): string =>
      scratch.in(short, (_, ns) => ns.run(() => run("wg", args)));

    const lines = await settle(document([peer, second]));
    assert(lines.includes("interface a: set wg0 in a: its private key, listenPort 1001"), lines.join("\n"));
    assert(
      lines.includes("interface a: set wg0 in a: peer for 10.1.0.2/32 at 127.0.0.1:1002, with its preshared key"),
      lines.join("\n"),
    );
    assertEquals(wg("a", "show", "wg0", "public-key"), left.publicKey);
    assertEquals(wg("b", "show", "wg0", "fwmark"), "0x5");
    scratch.in("a", (_, ns) => ns.run(() => run("ping", ["-c", "1", "-W", "20", "10.1.0.2"])));

    const index = scratch.in("a", (netlink) => netlink.getLink("wg0").index);
    const changed = await settle(document([peer, { ...second, allowedIps: ["10.8.0.0/16"], persistentKeepalive: 0 }]));
    assertEquals(changed, ["interface a: set wg0 in a: peer for 10.8.0.0/16"]);
    wg("a", "set", "wg0", "peer", other.publicKey, "remove");
    wg("a", "set", "wg0", "listen-port", "7");
    assertEquals(await settle(document([peer, second])), [
      "interface a: set wg0 in a: listenPort 1001",
      "interface a: set wg0 in a: peer for 10.9.0.0/16, keepalive 25 s",
    ]);
    assertEquals(await settle(document([peer])), [
      "interface a: set wg0 in a: no peer for 10.9.0.0/16, keepalive 25 s",
    ]);
    assertEquals(scratch.in("a", (netlink) => netlink.getLink("wg0").index), index);

    const anew = await settle(document([peer], birth("v")));
    assert(anew.some((line) => line === "interface a: delete wg0 in a"), anew.join("\n"));
    assert(anew.some((line) => line.endsWith("wg0 in a with its socket in v")), anew.join("\n"));

    const lost = await scratch.apply(document([{ ...peer, presharedKeyFile: join(folder, "missing") }]));
    assertEquals(lost.failed.map(({ item }) => item), ["interface a"]);
    assertEquals(wg("a", "show", "wg0", "peers"), right.publicKey);
    texts.push(JSON.stringify(lost));

    // The agent finds what somebody removed, of which the kernel sends no event, and a key of another content.
    const end = new AbortController();
    async function* one() {
      yield scratch.config(document([peer, second], birth("v")));
      await new Promise((resolve) => end.signal.addEventListener("abort", resolve, { once: true }));
    }
    const reports: number[] = [];
    for await (const { done } of scratch.configurator.agent(one(), { signal: end.signal })) {
      reports.push(done.length);
      if (reports.length === 1) wg("a", "set", "wg0", "peer", other.publicKey, "remove");
      else if (reports.length === 2) key("shared"); // another one
      else end.abort();
    }
    assertEquals(reports, [1, 1, 2]);

    const last = await scratch.destroy(document([]));
    texts.push(JSON.stringify(last));
    assertEquals([last.failed, last.pending, scratch.exists("a"), scratch.exists("u")], [[], [], false, false]);
    for (const secret of [...secrets, left.publicKey, right.publicKey, other.publicKey]) {
      assert(!texts.some((text) => text.includes(secret)), "a key is shown");
    }
  });
});

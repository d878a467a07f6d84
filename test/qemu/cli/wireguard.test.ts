/** The command with a WIREGUARD, which only Debian's kernel has: `wg` finds the keys, and no output and no file shows one. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assert, assertEquals } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { createNamedNamespace, NsHandle } from "@netns/netns";
import { main } from "../../../src/cli/main.ts";
import { scratchName, traces } from "../../integration/support/traces.ts";
import { fakeIo } from "../../unit/cli/fake_io.ts";

const STATE = "/run/netns-apply";

function wg(args: readonly string[], input = ""): string {
  const { status, stdout, stderr } = spawnSync("wg", args, { encoding: "utf8", input });
  assertEquals(status, 0, stderr);
  return stdout.trim();
}

describe("netns, with a WIREGUARD,", () => {
  let start: unknown;
  let folder = "";
  /** Private keys and shared ones, each with all that was printed or written since it was made. */
  const secrets: string[] = [];
  const texts: string[] = [];
  const made: string[] = [];

  const left = (): unknown => {
    const { names, links } = traces();
    return { names, links };
  };
  const path = (name: string): string => join(folder, name);

  /** A secret that no text may have. */
  function secret(command: "genkey" | "genpsk"): string {
    const key = wg([command]);
    secrets.push(key);
    return key;
  }

  /** Runs the command: its status and its lines, in which no key may be. */
  async function netns(...args: string[]): Promise<{ status: number; out: string; err: string }> {
    const io = fakeIo();
    const status = await main(args, io);
    const [out, err] = [io.printed.join("\n"), io.complaints.join("\n")];
    texts.push(out, err, ...readdirSync(STATE).map((name) => readFileSync(join(STATE, name), "utf8")));
    for (const key of secrets) {
      assert(!texts.some((text) => text.includes(key.slice(0, 20))), `netns ${args.join(" ")} shows a key`);
    }
    return { status, out, err };
  }

  /** What the command prints, if all goes well. */
  async function output(...args: string[]): Promise<string> {
    const { status, out, err } = await netns(...args);
    assertEquals(status, 0, `${out}\n${err}`);
    return out;
  }

  before(() => {
    const name = scratchName();
    createNamedNamespace(name).close(); // the first name makes a mount of the directory
    spawnSync("ip", ["netns", "del", name]);
    start = left();
    folder = mkdtempSync("/tmp/netns-wireguard-");
    spawnSync("mkdir", ["-p", STATE]);
  });
  after(() => {
    rmSync(folder, { recursive: true });
    for (const name of made) spawnSync("ip", ["netns", "del", name]); // those of a test that failed
    assertEquals(left(), start);
  });

  it("gives it the key of a file and that of the text, and shows neither", async () => {
    const prefix = scratchName();
    const [a, b] = [`${prefix}-a`, `${prefix}-b`];
    made.push(a, b);
    const keys = { a: secret("genkey"), b: secret("genkey"), other: secret("genkey"), shared: secret("genpsk") };
    const publicKey = { a: wg(["pubkey"], keys.a), b: wg(["pubkey"], keys.b), other: wg(["pubkey"], keys.other) };
    writeFileSync(path("a.key"), `${keys.a}\n`, { mode: 0o600 });
    writeFileSync(path("shared.key"), `${keys.shared}\n`, { mode: 0o600 });
    const text = (inB: string): string => `
name: ${prefix}
namespaces: [${a}, ${b}]
interfaces:
  - name: wg-a
    type: WIREGUARD
    namespace: ${a}
    hostIfName: wg0
    ipAddresses: [10.1.0.1/24]
    wireguard:
      privateKeyFile: a.key # beside this file
      listenPort: 51820
      peers: [{ publicKey: "${publicKey.b}", presharedKeyFile: shared.key, allowedIps: [10.1.0.2/32] }]
  - name: wg-b
    type: WIREGUARD
    namespace: ${b}
    hostIfName: wg0
    ipAddresses: [10.1.0.2/24]
    wireguard:
      privateKey: ${inB}
      peers: [{ publicKey: "${publicKey.a}", allowedIps: [10.1.0.1/32] }]
`;
    const file = path("wireguard.yaml");
    const write = (inB: string, name = file): void => writeFileSync(name, text(inB), { mode: 0o600 });
    const has = (namespace: string, what: string): string => {
      using there = NsHandle.fromName(namespace);
      return there.run(() => wg(["show", "wg0", what]));
    };

    write(keys.b);
    assertEquals(await output("validate", file), "no faults");
    const planned = await output("plan", file);
    assert(planned.includes("\n  set wg0: its private key, listenPort 51820\n"), planned);
    await output("plan", "--json", file);
    await output("graph", file);
    await output("apply", "--json", file);
    assertEquals([has(a, "public-key"), has(b, "public-key")], [publicKey.a, publicKey.b]);
    assertEquals(has(a, "preshared-keys"), `${publicKey.b}\t${keys.shared}`);
    assertEquals(await output("apply", file), "nothing to do");

    // What it shows has the public keys alone, and changes nothing of the others.
    const shown = await output("show", a, b);
    assert(shown.includes(publicKey.a) && shown.includes(publicKey.b), shown);
    assert(shown.includes("its private key: add privateKeyFile"), shown);
    await output("show", "--json", a, b);
    await output("graph", "--live");
    writeFileSync(path("shown.yaml"), shown);
    assertEquals(await output("plan", "--name", prefix, path("shown.yaml")), "nothing to do");

    // Another key replaces the one that is there.
    write(keys.other);
    const changed = (await output("apply", file)).split("\n");
    assertEquals(changed, [`set wg0 in ${b}: its private key`, "1 done, 3 unchanged"]);
    assertEquals([has(a, "public-key"), has(b, "public-key")], [publicKey.a, publicKey.other]);

    // What is no key fails its item, or the file; the error does not say it.
    writeFileSync(path("a.key"), `x${keys.a}\n`);
    assertEquals((await netns("apply", file)).status, 1);
    assertEquals((await netns("apply", "--json", file)).status, 1);
    assertEquals(has(a, "public-key"), publicKey.a, "the old key stays");
    for (const wrong of [`${keys.b}x`, `"${keys.b}`, `{ key: ${keys.b} }`, `[${keys.b}, `]) {
      write(wrong, path("wrong.yaml"));
      for (const command of ["validate", "plan", "apply"]) {
        assertEquals(
          (await netns(command, path("wrong.yaml"))).status === 0,
          false,
          `${command} of ${wrong.slice(0, 3)}`,
        );
        await netns(command, "--json", path("wrong.yaml"));
      }
    }

    await output("destroy", "--json", file);
  });
});

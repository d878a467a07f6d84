/** `netns impair` sets, prints and takes away what `tc` shows. */
import { after, before, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { describeBuilt, type Outcome, Sandbox } from "./support.ts";

describeBuilt("netns impair", (command) => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await Sandbox.open();
    sandbox.output("ip", "netns", "add", "blue");
    sandbox.output("ip", "-n", "blue", "link", "add", "eth0", "type", "veth", "peer", "eth1");
  });
  after(() => sandbox[Symbol.asyncDispose]());

  const impair = (...words: string[]): Outcome => sandbox.run([...command, "impair", ...words]);
  const rate = (): unknown =>
    JSON.parse(sandbox.output("tc", "-n", "blue", "-j", "qdisc", "show", "dev", "eth0"))[0]?.options?.rate;

  it("prints what is there after a change as JSON, and nothing without --json", () => {
    assertEquals(impair("blue", "eth0", "rate=1mbit").stdout, "");
    assertEquals(rate(), 125_000);
    assertEquals(JSON.parse(impair("--json", "blue", "eth0", "rate=2mbit").stdout), { rate: "2mbit" });
    assertEquals(rate(), 250_000);
    assertEquals(JSON.parse(impair("--json", "blue", "eth0").stdout), { rate: "2mbit" });
    assertEquals(JSON.parse(impair("--json", "blue", "eth0", "off").stdout), null);
    assertEquals(rate(), undefined);
  });

  it("says which links there are if there is none of the name", () => {
    const { status, stderr } = impair("blue", "eth9", "rate=1mbit");
    assertEquals([status, stderr], [1, "error: blue has no link eth9: it has lo, eth1, eth0\n"]);
    assertEquals(impair("blue", "eth9").stderr, stderr);
    assertEquals(sandbox.run([...command, "capture", "blue", "eth9", "udp"]).stderr, stderr);
  });
});

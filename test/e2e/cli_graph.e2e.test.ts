/** `netns graph` of a file and of what exists, checked with `ip -j` and an XML parser. */
import { after, before, it } from "@std/testing/bdd";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { describeServices, formWith, type Service } from "./docker.ts";
import { describeForms, root, type RunOptions, Sandbox, unprivileged } from "./support.ts";

const DEMO = `${root}src/cli/demo/demo.yaml`;
const PICTURE = "scripts/pictures/demo.svg";

interface End {
  readonly namespace: string;
  readonly link: string;
}

interface Picture {
  readonly namespaces: readonly {
    readonly name: string;
    readonly containers: readonly string[];
    readonly unseen?: string;
    readonly links: readonly {
      readonly name: string;
      readonly kind?: string;
      readonly state: string;
      readonly mtu: number;
      readonly addresses: readonly string[];
    }[];
    readonly routes: readonly unknown[];
  }[];
  readonly edges: readonly { readonly from: End; readonly to: End; readonly kind: string; readonly pending?: string }[];
}

interface IpLink {
  readonly ifname: string;
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly linkinfo?: { readonly info_kind: string };
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number; readonly scope: string }[];
}

describeForms("netns graph", (command, form) => {
  let sandbox: Sandbox;
  const netns = (args: readonly string[], options?: RunOptions) => sandbox.run([...command, ...args], options);
  const picture = (...args: string[]): string => {
    const { status, stdout, stderr } = netns(["graph", ...args]);
    assertEquals([status, stderr], [0, ""], args.join(" "));
    return stdout;
  };

  before(async () => {
    sandbox = await Sandbox.open();
    sandbox.output("ip", "link", "set", "lo", "up");
    assertEquals(netns(["apply", DEMO]).status, 0);
  });
  after(() => sandbox[Symbol.asyncDispose]());

  it("draws the picture of the README", () => {
    const hint = `${PICTURE} is another one: CONTRIBUTING says how it is made`;
    assertEquals(picture(DEMO, "--format", "svg"), readFileSync(`${root}${PICTURE}`, "utf8"), hint);
    assertStringIncludes(readFileSync(`${root}README.md`, "utf8"), `](${PICTURE})`);
  });

  it("draws what was applied as `ip -j` shows it, with the pairs of the file", () => {
    const { stdout, status } = netns(["graph", "--live", "--json"]);
    assertEquals(status, 0);
    const live = JSON.parse(stdout) as Picture;
    const file = JSON.parse(picture(DEMO, "--json")) as Picture;
    for (const { name, routes } of file.namespaces) {
      const found = live.namespaces.find((ns) => ns.name === name);
      const shown = sandbox.ip<IpLink[]>("-d", "-n", name, "addr").filter(({ ifname }) => ifname !== "lo").map((
        one,
      ) => ({
        name: one.ifname,
        kind: one.linkinfo?.info_kind ?? "",
        state: one.flags.includes("UP") ? "up" : "down",
        mtu: one.mtu,
        addresses: one.addr_info.filter(({ scope }) => scope === "global").map(({ local, prefixlen }) => (
          `${local}/${prefixlen}`
        )),
      }));
      assertEquals(found?.links.map((link) => ({ ...link, kind: link.kind ?? "" })), shown);
      assertEquals(found?.routes, routes);
    }
    const ends = ({ edges }: Picture) =>
      edges.map(({ from, to }) => [from, to].map(({ namespace, link }) => `${namespace} ${link}`).sort().join(" - "));
    assertEquals(
      ends(live).filter((text) => text.includes("netns-demo-")).sort(),
      ends(file).sort(),
    );
  });

  it("draws what it may inspect without privileges, and lists the rest", () => {
    const { status, stdout, stderr } = sandbox.run([...unprivileged(form), ...command, "graph", "--live", "--json"]);
    assertEquals(status, 0, stderr);
    const { namespaces } = JSON.parse(stdout) as Picture;
    assertEquals(namespaces[0]?.name, "PID:0");
    const router = namespaces.find(({ name }) => name === "netns-demo-router");
    assertEquals([router?.links, router?.unseen], [[], "setns: Operation not permitted (EPERM)"]);
    assertMatch(
      stderr,
      /^warning: .*netns-demo-router.* cannot be inspected: setns: Operation not permitted \(EPERM\)/m,
    );
    // A picture of a file needs no privileges.
    assertEquals(sandbox.run([...unprivileged(form), ...command, "graph", DEMO]).stdout, picture(DEMO));
  });

  it("draws dashed what is pending in the plan, as root only", () => {
    const input = JSON.stringify({
      namespaces: ["blue"],
      interfaces: [{ name: "tap0", type: "AUTO_TAP", namespace: "blue" }],
    });
    const { stdout } = netns(["graph", "-", "--plan"], { input });
    assertEquals(stdout.split("\n").slice(0, 3), [
      "blue",
      "└╌ tap0  tap  pending",
      "     there is no TAP tap0 in the default namespace",
    ]);
    const refused = sandbox.run([...unprivileged(form), ...command, "graph", "-", "--plan"], { input });
    assertEquals(refused.status, 1);
    assertMatch(refused.stderr, /^error: netns graph --plan needs CAP_SYS_ADMIN: run it as root/);
  });

  it("writes SVG that an XML parser reads, with every name in it", () => {
    const names = ["<b>&amp;\"'", "]]>", "\u001b[31m\u202e", "שלום 名前 🙂", "</svg>".replace("/", "\\")];
    const input = JSON.stringify({ namespaces: names });
    const { stdout: svg, status } = netns(["graph", "-", "--format", "svg"], { input });
    assertEquals(status, 0);
    const program = "import sys, json, xml.dom.minidom as d; t = d.parseString(sys.stdin.buffer.read()); " +
      "print(json.dumps([e.firstChild.data for e in t.getElementsByTagName('text')]))";
    const texts = JSON.parse(sandbox.run(["python3", "-c", program], { input: svg }).stdout) as string[];
    assertEquals(texts, [
      String.raw`"<b>&amp;\"'"`,
      "]]>",
      String.raw`"\u001b[31m\u{202e}"`,
      "שלום 名前 🙂",
      "<\\svg>",
    ]);
  });
}, "Deno");

describeServices("netns graph with containers", (open, name) => {
  let service: Service;
  before(async () => void (service = await open()));
  after(() => service[Symbol.asyncDispose]());

  describeForms("netns graph --live", ([program = "", ...words]) => {
    it("draws containers with their labels", async () => {
      const id = await service.run({ MICROSERVICE_LABEL: "graph-web" });
      const env = { ...process.env, DOCKER_HOST: `unix://${service.socket}` };
      const { stdout, stderr, status } = spawnSync(program, [...words, "graph", "--live", "--json"], {
        encoding: "utf8",
        env,
      });
      assertEquals(status, 0, stderr);
      const { namespaces } = JSON.parse(stdout) as Picture;
      const found = namespaces.find(({ name }) => name === "MICROSERVICE:graph-web");
      assertEquals(found?.containers, ["graph-web"]);
      assertEquals(found?.links, [], "it has a loopback link alone");
      await service.remove(id);
    });

    it("names an older container with the same label by its id", async () => {
      const [older, newer] = [
        await service.run({ MICROSERVICE_LABEL: "twice" }),
        await service.run({ MICROSERVICE_LABEL: "twice" }),
      ];
      const env = { ...process.env, DOCKER_HOST: `unix://${service.socket}` };
      const { stdout } = spawnSync(program, [...words, "graph", "--live", "--json"], { encoding: "utf8", env });
      const { namespaces } = JSON.parse(stdout) as Picture;
      assertEquals(namespaces.filter(({ containers }) => containers.includes("twice")).map(({ name }) => name), [
        `CONTAINER:${older.slice(0, 12)}`,
        "MICROSERVICE:twice",
      ]);
      await service.remove(older, newer);
    });

    it("warns of a runtime that was named and does not answer, and draws the rest", () => {
      const env = { ...process.env, DOCKER_HOST: "unix:///nonexistent.sock" };
      const { stdout, stderr, status } = spawnSync(program, [...words, "graph", "--live"], { encoding: "utf8", env });
      assertEquals(status, 0, stderr);
      assert(stdout.startsWith("the default namespace\n"), stdout);
      assertMatch(stderr, /^warning: containers appear without their labels: .*nonexistent\.sock/m);
    });
  }, formWith(name));
});

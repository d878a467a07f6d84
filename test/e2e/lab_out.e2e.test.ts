/** What a lab leaves in `NETNS_LAB_OUT`: its report if it ends because of an error, else nothing. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { root, Sandbox, WHOLE } from "./support.ts";

const PROGRAM = `
import { Lab } from "${root}dist/lab.js";
const [out, how, rootless] = process.argv.slice(-3);
const topology = { links: [{ ends: ["a eth0 10.0.0.1/24", "b eth0 10.0.0.2/24"] }] };
const lab = await Lab.up(topology, { rootless: rootless === "rootless" });
if (how === "uncaught") setTimeout(() => { throw new Error(how); });
if (how === "uncaught") await new Promise(() => setTimeout(() => undefined, 60_000));
try {
  await lab.host("a").capture({ file: out + "/a.pcapng" });
  await lab.host("a").exec("ping", ["-c", "1", "10.0.0.2"]);
  if (how === "failed") lab.failed(new Error("the reason"));
  if (how === "throw") throw new Error(how);
} finally {
  await lab[Symbol.asyncDispose]();
}
`;

describe("NETNS_LAB_OUT", () => {
  const cases: readonly (readonly [how: string, status: number, files: readonly string[]])[] = [
    ["well", 0, []],
    ["throw", 1, ["a-a.pcapng", "picture.svg", "report.json"]],
    ["failed", 0, ["a-a.pcapng", "error.txt", "picture.svg", "report.json"]],
    ["uncaught", 1, ["error.txt", "picture.svg", "report.json"]],
  ];
  const both = cases.flatMap((one) => (["root", "rootless"] as const).map((user) => [...one, user] as const))
    .filter(([how, , , user]) => WHOLE || user === "root" || how !== "throw");
  for (const [how, status, files, user] of both) {
    it(`gets ${files.length === 0 ? "nothing" : "the report"} of a lab that ends: ${how} (${user})`, async () => {
      await using sandbox = await Sandbox.open();
      sandbox.output("ip", "link", "set", "lo", "up");
      const folder = mkdtempSync(join(tmpdir(), "netns-lab-out-"));
      try {
        const env = { NETNS_LAB_OUT: join(folder, "out") };
        const words = ["node", "--input-type=module", "-e", PROGRAM, "--", folder, how, user];
        const ended = sandbox.run(words, { env });
        assertEquals(ended.status, status, ended.stderr);
        const [left, ...others] = readdirSync(folder).includes("out") ? readdirSync(env.NETNS_LAB_OUT) : [];
        assertEquals([left === undefined ? [] : readdirSync(join(env.NETNS_LAB_OUT, left)).sort(), others], [
          files,
          [],
        ]);
        if (left === undefined) return;
        const { hosts } = JSON.parse(readFileSync(join(env.NETNS_LAB_OUT, left, "report.json"), "utf8"));
        assertEquals(hosts.map(({ name }: { name: string }) => name), ["a", "b"]);
        if (how === "failed") {
          assert(readFileSync(join(env.NETNS_LAB_OUT, left, "error.txt"), "utf8").includes("the reason"));
        }
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});

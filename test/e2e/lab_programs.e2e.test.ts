/** Real programs from Debian in the hosts of a lab, as root and as an ordinary user, in each runtime. */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { BUILT, root, unprivileged, WHOLE } from "./support.ts";

const PROGRAM = `${root}test/e2e/lab_programs.mjs`;

/** Who runs it: root, or a user by `netns rootless`. */
const USERS = {
  root: [],
  user: [...unprivileged("Node"), "node", BUILT, "rootless", "--"],
} as const;

const installed = (runtime: string, program: string): string =>
  `${root}node_modules/.cache/netns-runtimes/node_modules/${runtime}-${process.arch}/bin/${program}`;

/** What runs the program; the last is the library that it takes. */
const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  Node: ["node", PROGRAM, `${root}dist/lab.js`],
  ...Object.fromEntries([20, 22, 24, 26].map((version) => [
    `Node ${version}`,
    [installed(`node${version}`, "node"), PROGRAM, `${root}dist/lab.js`],
  ])),
  Deno: [process.execPath, "run", "--allow-all", PROGRAM, `${root}dist/deno/lab.js`],
  Bun: [installed("bun", "bun"), PROGRAM, `${root}dist/lab.js`],
};

/** What each program must have seen. */
const PROGRAMS: Readonly<Record<string, (seen: Readonly<Record<string, unknown>>) => void>> = {
  redis: (seen) => assertEquals(seen, { apart: "before", healed: "meanwhile" }),
  etcd: (seen) => assertEquals(seen, { alone: { isPut: false, has: "before" }, healed: "meanwhile", isPut: true }),
  nginx: (seen) =>
    assertEquals(seen, {
      inwards: "web hears 203.0.113.2",
      outwards: "outside hears 203.0.113.1",
      direct: "ENETUNREACH",
    }),
  iperf3: ({ mbit }) => assert(typeof mbit === "number" && mbit > 10 && mbit < 21, `${mbit} Mbit/s of 20`),
};

/** Their commands, where the name is another one. */
const COMMANDS: Readonly<Record<string, string>> = { redis: "redis-server" };

/** What CI tries; all with WHOLE=1. */
const SAMPLE: ReadonlySet<string> = new Set(["redis user Node", "etcd root Deno", "nginx user Node"]);

describe("programs in a lab", () => {
  for (const [name, check] of Object.entries(PROGRAMS)) {
    for (const [user, before] of Object.entries(USERS)) {
      for (const [runtime, words] of Object.entries(RUNTIMES)) {
        const title = `${name} ${user} ${runtime}`;
        if (!WHOLE && !SAMPLE.has(title)) continue;
        // Deno finds its cache for no other user.
        if (user === "user" && runtime === "Deno") continue;
        const isMissing = [COMMANDS[name] ?? name, words[0] ?? ""].some((one) =>
          spawnSync(one, ["--version"]).error !== undefined
        );
        it(title, { skip: isMissing && process.env["CI"] !== "true" }, () => {
          const [command = "", ...args] = [...before, ...words, name];
          const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", timeout: 240_000 });
          assertEquals(status, 0, stderr);
          check(JSON.parse(stdout));
        });
      }
    }
  }
});

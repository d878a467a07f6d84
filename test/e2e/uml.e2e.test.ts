/** `scripts/uml.ts`, by which the tests for a second kernel run: what comes out of it, and what stays behind. */
import { spawn, spawnSync, type SpawnSyncReturns } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { root } from "./support.ts";

const skip = spawnSync("linux.uml", ["--version"]).error !== undefined && process.env["CI"] !== "true";
if (skip) console.warn("notice: scripts/uml.ts is skipped: user-mode-linux is not installed");

const SCRIPT = ["run", "-A", "--node-modules-dir=manual", "--no-check", join(root, "scripts/uml.ts")];

function uml(...args: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [...SCRIPT, ...args], { encoding: "utf8" });
}

/** The processes whose command line has a text, by their ids. */
function processesWith(text: string): number[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(text);
    } catch {
      return false; // it has ended
    }
  });
}

describe("scripts/uml.ts", { skip }, () => {
  it("runs a command as root on another kernel, and gives its output and its status", () => {
    const folder = mkdtempSync(join(tmpdir(), "netns-uml-"));
    try {
      const inside = join(folder, "inside");
      const outside = `${folder}-outside`;
      const script = `
        test "$(id -u)" = 0 && uname -r && pwd && echo "$GREETING" && ip link add d0 type dummy
        touch ${inside} ${outside} && test -e ${outside}
        sleep 1000 & # must not keep the run from ending
        seq 20000 >&2; exit 7`;
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [...SCRIPT, "--module", "vlan", "--writable", folder, "--", "sh", "-c", script],
        { encoding: "utf8", env: { ...process.env, GREETING: 'it\'s "here"\nand there' }, cwd: root },
      );
      assertMatch(stdout, /^6\.1\./);
      assertEquals(stdout.slice(stdout.indexOf("\n")), `\n${root.replace(/\/$/, "")}\nit's "here"\nand there\n`);
      const numbers = Array.from({ length: 20_000 }, (_, i) => `${i + 1}\n`).join("");
      assert(stderr === numbers, stderr.slice(0, 500));
      assertEquals([status, existsSync(inside), existsSync(outside)], [7, true, false]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("exits with 124 when the time is up, and with 125 when the kernel does not get to the command", () => {
    const late = uml("--timeout", "10", "--", "sleep", "1000");
    assertEquals([late.status, late.stdout, late.stderr], [124, "", ""]);
    const missing = uml("--module", "nosuch", "--", "true");
    assertEquals([missing.status, missing.stdout], [125, ""]);
    assertMatch(missing.stderr, /Module nosuch not found/);
    assertEquals(uml("--nosuch", "--", "true").status, 2);
  });

  it("leaves no process and no mount when it is killed", async () => {
    const mark = `mark-${crypto.randomUUID()}`;
    const child = spawn(process.execPath, [...SCRIPT, "--", "sh", "-c", "echo; sleep 1000", mark], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    assert(processesWith(mark).length > 1);
    child.kill("SIGKILL");
    for (let i = 0; i < 100 && processesWith(mark).length > 0; i++) await new Promise((done) => setTimeout(done, 50));
    assertEquals(processesWith(mark), []);
    assertEquals(readFileSync("/proc/self/mountinfo", "utf8").includes("second-kernel"), false);
  });
});

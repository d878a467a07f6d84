/** The files of test/examples: applied, tried by the commands that stand in them, applied again, taken away. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { assert, assertEquals } from "@std/assert";
import { type NsHandler, parseConfig } from "@netns/netns";
import { pause } from "../../../src/async/pause.ts";
import { checkConfig } from "../../../src/models/config.ts";
import { readDocument } from "../../../src/models/document.ts";
import type { NetworkConfigInput } from "../../../src/models/config_input.ts";
import { Scratch } from "./scratch.ts";

/** A command that a file names: who is to be reached from where, or not. */
const COMMAND = /^# {3}(! )?ip netns exec (\S+) (.+)$/gm;

/** How long a command is tried: IPv6 looks for its address elsewhere first, a bond for its carrier. */
const [TRIES, INTERVAL] = [100, 200];

/** Does with a file what its reader would do. */
export async function tryExample(path: string, handler?: NsHandler): Promise<void> {
  const text = readFileSync(path, "utf8");
  parseConfig(text);
  const document = readDocument(text) as NetworkConfigInput; // parseConfig has checked it
  const commands = [...text.matchAll(COMMAND)];
  assert(commands.length > 0, `${path} names no command to try`);
  using scratch = new Scratch(handler);
  const first = await scratch.apply(document);
  assertEquals([first.failed, first.pending, first.lines.length > 0], [[], [], true]);
  for (const [line, not, ns = "", words = ""] of commands) {
    const [command = "", ...args] = words.split(" ");
    const run = () => spawnSync("ip", ["netns", "exec", scratch.name(ns), command, ...args], { encoding: "utf8" });
    let result = run();
    for (let i = 0; i < TRIES && not === undefined && result.status !== 0; i++) {
      await pause(INTERVAL);
      result = run();
    }
    assertEquals(result.status === 0, not === undefined, `${line}: ${result.stdout}${result.stderr}`);
  }
  const again = await scratch.apply(document);
  assertEquals([again.lines, again.failed, again.pending], [[], [], []], "a second time");
  assertEquals((await scratch.destroy(document)).failed, []);
  for (const entry of checkConfig(document).namespaces) {
    assert(!scratch.exists(typeof entry === "string" ? entry : entry.name), `${JSON.stringify(entry)} is still there`);
  }
}

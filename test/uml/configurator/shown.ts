/** What tools say in the namespaces of a test. */
import { spawnSync } from "node:child_process";
import { assertEquals } from "@std/assert";
import { NsHandle } from "@netns/netns";
import type { Scratch } from "../../integration/configurator/scratch.ts";

/** Runs a program in a namespace and gives what it writes. */
export function run(scratch: Scratch, short: string, command: string, ...args: readonly string[]): string {
  using ns = NsHandle.fromName(scratch.name(short));
  const { status, stdout, stderr } = ns.run(() => spawnSync(command, args, { encoding: "utf8" }));
  assertEquals(status, 0, `${command} ${args.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}

/** A link as `ip -d -j` shows it. */
export interface ShownLink extends Readonly<Record<string, unknown>> {
  readonly linkinfo?: { readonly info_data?: Readonly<Record<string, unknown>> };
}

/** A link as `ip -d -j` shows it. */
export function shown(scratch: Scratch, short: string, name: string): ShownLink {
  const [link] = JSON.parse(run(scratch, short, "ip", "-d", "-j", "link", "show", "dev", name));
  return link;
}

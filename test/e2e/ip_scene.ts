/** A scene of links that the library and `ip` both see, and the comparison of what they say of it. */
import { spawnSync } from "node:child_process";
import { assertEquals } from "@std/assert";
import { type Link, type Netlink, NsHandle } from "@netns/netns";
import { type IpLink, linksOf, withoutUndefined } from "./ip_links.ts";
import { asFarAs } from "./ip_options.ts";
import { RunningTool } from "./running_tool.ts";

/** Two namespaces with a pair between them, whose state is for `ip` to see and to change. */
export class Scene implements Disposable {
  readonly here: NsHandle = NsHandle.create();
  readonly there: NsHandle = NsHandle.create();
  readonly netlink: Netlink = this.here.netlink();
  #ip: RunningTool | undefined;

  constructor() {
    this.netlink.addLink({ kind: "veth", name: "v0", index: 10, peer: { name: "v1", index: 11, netns: this.there } });
    for (const index of [1, 10]) this.netlink.setLink({ index }, { up: true });
    using far = this.there.netlink();
    far.setLink({ index: 11 }, { up: true });
  }

  /** Runs `ip`, which must succeed, and gives what it writes. */
  ip(line: string): string {
    return this.run("ip", line.split(" "));
  }

  /** The same by an `ip -j -d` that goes on running: in a line, no option is possible. */
  ask(line: string): string {
    return (this.#ip ??= new RunningTool(this.here, "ip", "-j -d")).do(line);
  }

  /** Has one `ip` do all lines, which begin with an object: in a line, no option is possible. */
  batch(lines: readonly string[]): void {
    this.run("ip", ["-batch", "-"], lines.join("\n"));
  }

  json<T>(line: string): T[] {
    return JSON.parse(this.ip(line) || "[]");
  }

  /** Runs a program here, which must succeed, and gives what it writes. */
  run(command: string, args: readonly string[], input = ""): string {
    const { status, stdout, stderr } = this.here.run(() => spawnSync(command, args, { encoding: "utf8", input }));
    if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}${input}`);
    return stdout;
  }

  [Symbol.dispose](): void {
    this.#ip?.[Symbol.dispose]();
    this.netlink.close();
    this.here.close();
    this.there.close();
  }
}

/** Compares until both say the same, as what IPv6 does by itself goes on in between; what is left is a difference. */
export async function same(ours: () => unknown, theirs: () => unknown): Promise<void> {
  for (let i = 0;; i++) {
    const [one, other] = [sorted(ours()), sorted(theirs())];
    if (JSON.stringify(one) === JSON.stringify(other)) return;
    if (i === 100) assertEquals(one, other);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Keys and lists in one order: neither has a meaning, and `ip` has its own. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted).sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([k, v]) => [k, sorted(v)]));
}

/** Compares all that is said of each link, in the list and one by one; gives what `ip` says. */
export async function sameLinks(scene: Scene): Promise<readonly IpLink[]> {
  const { netlink } = scene;
  let links: readonly IpLink[] = [];
  let theirs: ReturnType<typeof linksOf> = [];
  // Of the carrier `ip` says something only where the link is up: then it is what LOWER_UP says. Of the options it leaves
  // out those that are as in a new link.
  const comparable = ({ carrier, data, port, bondPort, rawData: _raw, ...link }: Link): object => {
    const other = theirs.find(({ index }) => index === link.index);
    return withoutUndefined({
      ...link,
      below: link.up ? carrier : link.lowerUp,
      data: asFarAs(data, other?.data),
      port: asFarAs(port, other?.port),
      bondPort: asFarAs(bondPort, other?.bondPort),
    });
  };
  const ours = (): Link[] =>
    netlink.listLinks().flatMap((link) => [link, netlink.getLink(link.name), netlink.getLink({ index: link.index })]);
  await same(() => {
    links = scene.json<IpLink>("-j -d link show");
    theirs = linksOf(links);
    return ours().map(comparable);
  }, () => theirs.map((link) => ({ ...link, below: link.lowerUp })).flatMap((link) => [link, link, link]));
  return links;
}

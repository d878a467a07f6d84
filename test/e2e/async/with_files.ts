/** A namespace with files of its own below `/etc/netns`. */
import { mkdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { NsHandle } from "@netns/netns";
import { scratchNamespace } from "../../integration/support/traces.ts";

/** A named namespace in which `lo` is up, with files of its own below `/etc/netns`. */
export function withFiles(files: Readonly<Record<string, string>>): { readonly ns: NsHandle } & Disposable {
  const named = scratchNamespace();
  const folder = `/etc/netns/${named.name}`;
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(`${folder}/${name}`, text);
  const ns = NsHandle.fromName(named.name);
  using netlink = ns.netlink();
  netlink.setLink({ name: "lo" }, { up: true });
  return {
    ns,
    [Symbol.dispose](): void {
      ns.close();
      named[Symbol.dispose]();
      rmSync(folder, { recursive: true });
      try {
        rmdirSync("/etc/netns");
      } catch {
        // it was there before, with something in it
      }
    },
  };
}

import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { fileNs, microserviceNs, namedNs, type Namespace, namespaceToString, pidNs } from "@netns/netns";
import { NamespaceWatch } from "../../../../src/configurator/agent/namespace_watch.ts";

describe("NamespaceWatch", () => {
  it("calls once when a process or a file has another namespace, and asks for no others", async () => {
    const inodes = new Map([["PID:42", 1n]]);
    const asked = new Set<string>();
    const inodeOf = (ns: Namespace): bigint | undefined => {
      asked.add(namespaceToString(ns));
      return inodes.get(namespaceToString(ns));
    };
    let changes = 0;
    let heard = (): void => {};
    using watch = new NamespaceWatch(inodeOf, () => {
      changes++;
      heard();
    }, 5);
    const all = [undefined, pidNs(0), pidNs(42), fileNs("/a"), namedNs("blue"), microserviceNs("web")];
    watch.follow(all);
    for (const change of [() => inodes.set("FILE:/a", 2n), () => inodes.set("PID:42", 3n), () => inodes.clear()]) {
      const changed = new Promise<void>((resolve) => heard = resolve);
      change();
      watch.follow(all); // what was not reported yet is reported after this, too
      await changed;
    }
    assertEquals(changes, 3);
    assertEquals([...asked].sort(), ["FILE:/a", "PID:42"]);
  });
});

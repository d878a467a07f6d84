import { assertEquals, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import process from "node:process";
import { KnownProcesses } from "../../../../src/configurator/observed/known_processes.ts";
import { fileNs, namedNs, pidNs } from "../../../../src/namespace.ts";

describe("KnownProcesses", () => {
  it("refuses another process under a number that was asked for, however that is written", () => {
    let start: string | undefined = "100";
    const processes = new KnownProcesses(() => start);
    assertEquals(processes.refusal(pidNs(42)), undefined);
    assertEquals(processes.refusal(fileNs("/proc/42/ns/net")), undefined);
    start = undefined; // it has ended
    assertEquals(processes.refusal(pidNs(42)), undefined);
    start = "200";
    for (const ns of [pidNs(42), fileNs("/proc/42/ns/net"), fileNs("/proc/42/root/run/netns/blue")]) {
      assertMatch(processes.refusal(ns) ?? "", /^PID 42 is another process now/);
    }
    assertEquals(processes.refusal(pidNs(43)), undefined, "another number");
    start = "100";
    assertEquals(processes.refusal(pidNs(42)), undefined);
  });

  it("knows a process of this machine by its start, and what names no process not at all", () => {
    const processes = new KnownProcesses();
    for (
      const ns of [
        pidNs(process.pid),
        pidNs(process.pid),
        pidNs(0),
        namedNs("blue"),
        fileNs("/run/netns/blue"),
        undefined,
      ]
    ) {
      assertEquals(processes.refusal(ns), undefined);
    }
  });
});

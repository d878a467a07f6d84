import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import * as v from "npm:valibot@1.5.0";
import { objectRecordSchema } from "../../../../src/configurator/ownership/record_schema.ts";

const OF = { item: "namespace a", namespace: "7" };

/** True if a state file may have this record. */
const isRead = (record: object): boolean => v.safeParse(objectRecordSchema, record).success;

describe("objectRecordSchema", () => {
  it("refuses a sysctl that is the whole machine's, or no key: it would be set by destroy", () => {
    const sysctl = (key: string): object => ({ kind: "sysctl", ...OF, key, value: "1", before: "0" });
    const keys = [
      "net.ipv4.ip_forward",
      "net.ipv4.conf.v/5.proxy_arp",
      "kernel.core_pattern",
      "net.../x",
      "net.a\nb",
      "",
    ];
    assertEquals(keys.filter((key) => isRead(sysctl(key))), ["net.ipv4.ip_forward", "net.ipv4.conf.v/5.proxy_arp"]);
  });

  it("refuses a file that is no resolv.conf of a namespace: it would be written by destroy", () => {
    const file = (path: string): object => ({ kind: "file", ...OF, path, text: "", before: "" });
    const paths = [
      "/etc/netns/a/resolv.conf",
      "/etc/passwd",
      "/etc/netns/../resolv.conf",
      "/etc/netns/a/b/resolv.conf",
    ];
    assertEquals(paths.filter((path) => isRead(file(path))), ["/etc/netns/a/resolv.conf"]);
  });

  it("refuses a link that is no index", () => {
    const qdisc = (link: number): object => ({ kind: "qdisc", ...OF, link, impairment: "delay 20ms" });
    assertEquals([1, 1.5, -1, 2 ** 32].filter((link) => isRead(qdisc(link))), [1]);
  });

  it("keeps every metric of a route that was replaced", () => {
    const metrics = { lock: 4, hopLimit: 7, quickAck: 1, fastOpenNoCookie: 1, congestionControl: "reno" };
    const before = { scope: "link", type: "unicast", protocol: 3, options: { metrics } };
    const route = { kind: "route", ...OF, destination: "10.0.0.0/8", table: 254, metric: 0, protocol: 3, before };
    assertEquals<unknown>(v.parse(objectRecordSchema, route), route);
  });
});

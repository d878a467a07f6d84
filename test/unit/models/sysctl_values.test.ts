import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { listedValue } from "../../../src/models/sysctl_values.ts";

describe("listedValue()", () => {
  it("has the spelling of the kernel", () => {
    const cases: readonly (readonly [key: string, given: string, listed: string])[] = [
      ["net.ipv4.ip_local_reserved_ports", "9148,8080-8082,8083,5", "5,8080-8083,9148"],
      ["net.ipv4.ip_local_reserved_ports", "9-5", "9-5"],
      ["net.ipv6.conf.default.stable_secret", "2001:db8::5", "2001:0db8:0000:0000:0000:0000:0000:0005"],
      ["net.ipv6.conf.default.stable_secret", "10.0.0.1", "10.0.0.1"],
      [
        "net.ipv4.tcp_fastopen_key",
        "1-2-3-4,5-6-7-8",
        "00000001-00000002-00000003-00000004,00000005-00000006-00000007-00000008",
      ],
      ["net.ipv4.tcp_rmem", "0x1000 0X20000 010", "4096 131072 8"],
      ["net.ipv4.conf.all.rp_filter", "02", "2"],
      ["net.ipv4.conf.all.rp_filter", "-00", "0"],
      ["net.ipv4.conf.all.rp_filter", "09", "09"],
      ["net.ipv4.tcp_congestion_control", "reno", "reno"],
      ["net.core.rps_default_mask", "00000003", "00000003"],
    ];
    for (const [key, given, listed] of cases) assertEquals(listedValue(key, given), listed, `${key} ${given}`);
  });
});

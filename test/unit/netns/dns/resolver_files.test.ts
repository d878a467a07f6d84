import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { hostsOf, parseResolvConf } from "../../../../src/netns/dns/resolver_files.ts";

const texts = (addresses: readonly { readonly text: string }[]): string[] => addresses.map(({ text }) => text);

describe("parseResolvConf()", () => {
  it("reads servers, domains and options, and takes no more than the C library", () => {
    const { servers, ...rest } = parseResolvConf(
      "# comment\nnameserver 10.0.0.1\n; another\nnameserver fe80::1%eth0 # near\nnameserver x\nnameserver ::1\n" +
        "nameserver 10.0.0.4\ndomain old.example\nsearch one.example. two.example\n" +
        "options ndots:20 timeout:0 attempts:9 rotate use-vc no-aaaa unknown:1\n",
      () => "host.own.example",
    );
    assertEquals(texts(servers), ["10.0.0.1", "fe80::1", "::1"]);
    assertEquals(servers[1]?.scope, "eth0");
    assertEquals(rest, {
      ...{ search: ["one.example", "two.example"], ndots: 15, timeout: 1000, attempts: 5 },
      ...{ rotate: true, useTcp: true, noAaaa: true },
    });
  });

  it("has what resolv.conf(5) says where the file says nothing", () => {
    const { servers, ...rest } = parseResolvConf("", () => "host.own.example");
    assertEquals(texts(servers), ["127.0.0.1"]);
    assertEquals(rest, {
      ...{ search: ["own.example"], ndots: 1, timeout: 5000, attempts: 2 },
      ...{ rotate: false, useTcp: false, noAaaa: false },
    });
  });
});

describe("hostsOf()", () => {
  it("gives every address of a name, whatever its case", () => {
    const hosts = "127.0.0.1 localhost\n10.0.0.1\tDB db.example # 10.0.0.2 db\n::2 db\n# 10.0.0.3 db\nbroken db\n";
    assertEquals(texts(hostsOf(hosts, "db")), ["10.0.0.1", "::2"]);
    assertEquals(texts(hostsOf(hosts, "none")), []);
  });
});

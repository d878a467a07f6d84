import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals } from "@std/assert";
import { nameOfEntry, namespaceOfEntry, sysctlsOfEntry } from "../../../src/models/sysctls.ts";
import { checkConfig, faults } from "./faults.ts";

const one = (entry: unknown, path: string, expected = ""): void => {
  const found = faults({ namespaces: [entry] });
  assert(found.length === 1 && found[0]?.startsWith(path), `${JSON.stringify(entry)}: ${found.join("\n")}`);
  assert(found[0]?.includes(expected), found[0]);
};

describe("namespaces", () => {
  it("are names, or mappings with sysctls", () => {
    const sysctls = { "net.ipv4.ip_forward": 1, "net.ipv4.conf.v/5.proxy_arp": "1", "net.ipv4.tcp_rmem": " 1\t2  3" };
    const { namespaces } = checkConfig({ namespaces: ["a", { name: "b", sysctls }, { name: "c" }] });
    const values = { ...sysctls, "net.ipv4.ip_forward": "1", "net.ipv4.tcp_rmem": "1 2 3" };
    assertEquals(namespaces, ["a", { name: "b", sysctls: values }, "c"]);
    assertEquals(namespaces.map(nameOfEntry), ["a", "b", "c"]);
    assertEquals(checkConfig({ namespaces }).namespaces, namespaces);
    assertEquals(namespaces.flatMap(sysctlsOfEntry).length, 3);
  });

  it("have reserved ports as the kernel lists them", () => {
    const listed = (value: unknown): unknown => {
      const [entry = ""] = checkConfig({
        namespaces: [{ name: "a", sysctls: { "net.ipv4.ip_local_reserved_ports": value } }],
      }).namespaces;
      return sysctlsOfEntry(entry)[0]?.value;
    };
    assertEquals(
      ["9000-9010,8080", "1,2,3,5", "10-20,15-30,31", "7,7", 80, "08", "3-1", "web", ""].map(listed),
      ["8080,9000-9010", "1-3,5", "10-31", "7", "80", "8", "3-1", "web", ""],
    );
  });

  it("of other types are there for their sysctls alone", () => {
    const sysctls = { "net.ipv4.ip_forward": "1" };
    const [entry] = checkConfig({ namespaces: [{ name: "PID:0", sysctls }] }).namespaces;
    assertEquals(entry && namespaceOfEntry(entry), { type: "pid", pid: 0 });
    one("PID:0", "namespaces[0]: ", "cannot be made");
    one({ name: "PID:0" }, "namespaces[0].name", "cannot be made");
    one({ name: "a", sysctl: {} }, "namespaces[0].sysctl: no such field; did you mean sysctls");
    one({}, "namespaces[0].name");
    one(5, "namespaces[0]");
    assertEquals(faults({ namespaces: ["a", { name: "a" }] }), ["namespaces[1]: each namespace once"]);
    const looksLikeOne = "NAMED:PID:3"; // the name PID:3, which is not the process 3
    assertEquals(
      faults({ namespaces: [looksLikeOne, { name: looksLikeOne, sysctls: { "net.ipv4.ip_forward": 1 } }] }),
      [
        "namespaces[1]: each namespace once",
      ],
    );
    assertEquals(faults({ namespaces: [looksLikeOne, { name: "PID:3", sysctls: { "net.ipv4.ip_forward": 1 } }] }), []);
  });

  it("refuse keys of the whole machine, and values that are none", () => {
    const key = (name: string, expected: string): void =>
      one({ name: "a", sysctls: { [name]: 1 } }, `namespaces[0].sysctls[${JSON.stringify(name)}]: `, expected);
    const machine = "the whole machine's";
    one(
      { name: "a", sysctls: { "net.ipv6.route.flush": 1 } },
      "namespaces[0].sysctls",
      "to write this one flushes routes",
    );
    for (const name of ["kernel.hostname", "vm.swappiness", "net.core.netdev_max_backlog"]) key(name, machine);
    for (const name of ["net.ipv4.tcp_mem", "net.ipv4.route.gc_thresh", "net.nf_conntrack_max"]) key(name, machine);
    for (
      const name of [
        "net/ipv4/ip_forward",
        "net.ipv4.conf.eth0.5.rp_filter",
        "net.ipv6.neigh.v.5.6.gc_stale_time",
        "net/ipv4/conf/v.5/proxy_arp",
        "net..x",
        "net.ipv4./.x",
        "net.a b",
        "net.ipv4.a//b",
      ]
    ) {
      key(name, "a key of");
    }
    for (const value of [true, null, [1], "a\nb", NaN]) {
      one({ name: "a", sysctls: { "net.ipv4.ip_forward": value } }, "namespaces[0].sysctls", "a number, or text");
    }
  });
});

describe("x-…", () => {
  it("is not read at the top, and a fault elsewhere (T24)", () => {
    assertEquals(checkConfig({ "x-base": { any: 1 }, namespaces: ["a"] }).namespaces, ["a"]);
    one({ name: "a", "x-y": 1 }, "namespaces[0].x-y: no such field");
    assertEquals(faults({ x_base: 1 }).length, 1);
  });
});

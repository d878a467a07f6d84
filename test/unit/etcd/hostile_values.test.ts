/** Values and keys of any kind: each gives items or a fault, says where, and leaves the others alone. */
import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "../../support/properties.ts";
import { itemsOf } from "../../../src/etcd/items.ts";
import { readConfig } from "../../../src/etcd/read_config.ts";
import { statusKeyOf } from "../../../src/etcd/keys.ts";

const PREFIX = "/vnf-agent/l/";
const MODELS = [
  ...["linux/config/v1/interface/", "linux/config/v1/route/", "linux/config/v1/arp/", "linux/config/v1/"],
  ...["config/linux/interfaces/v2/interface/", "config/linux/l3/v2/route/", "config/linux/l3/v2/arp/", "config/linux/"],
  ...["interfaces", "links", "routes", "arpEntries", "rules", "nat", "forwards", "firewall", "uplinks", "namespaces"]
    .map((section) => `config/netns/v1/${section}/`),
];
/** The names of fields of all models, so that values come close to sound ones. */
const FIELDS = [
  ...["name", "type", "enabled", "ip_addresses", "phys_address", "mtu", "host_if_name", "namespace", "veth", "tap"],
  ...["peer_if_name", "reference", "filepath", "pid", "microservice", "temp_if_name", "vpp_tap_if_name", "link_only"],
  ...["interface", "dst_ip_addr", "gw_addr", "scope", "default", "metric", "table", "ip_addr", "hw_address", "state"],
  ...["outgoing_interface", "dst_network", "ip_address", "vrf_dev", "routing_table", "vrf_master_interface"],
  ...["ends", "bridge", "sysctls", "firewall", "toString", "__proto__", "constructor"],
];
const leaf = fc.oneof(
  fc.constantFrom("a", "b", "10.0.0.1/24", "10.0.0.0/8", "::1/128", "VETH", "NSID", "GLOBAL", "02:00:00:00:00:01", ""),
  fc.constantFrom(0, 1, 2, -1, 1.5, 68, 2 ** 32, 1e300, null, true, false),
  fc.string(),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...FIELDS), tie("value"), { maxKeys: 8 }),
  ),
}));
const text = fc.oneof(
  value.map((one) => JSON.stringify(one) ?? ""),
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom("", "null", "[", '{"name":"a"}{', "&a [*a]", "!!js/function x", "\0", "\n\x01a"), // \n\x01a is binary protobuf
);
const key = fc.tuple(fc.constantFrom(...MODELS), fc.oneof(fc.string(), fc.constantFrom("a", "a/b", "a%2Fb", "", "/")))
  .map(([model, name]) => PREFIX + model + name);
const a = `${PREFIX}linux/config/v1/interface/sound-a`, b = `${PREFIX}linux/config/v1/interface/sound-b`;
const veth = (name: string, peer: string): string =>
  JSON.stringify({ name, veth: { peer_if_name: peer }, namespace: { type: 2, name: "sound" } });
const sound = new Map([[a, veth("sound-a", "sound-b")], [b, veth("sound-b", "sound-a")]]);

describe("a value of any kind", () => {
  it("gives items or a fault that names its key, and the others go on", () => {
    fc.assert(
      fc.property(key, text, (at, written) => {
        const found = itemsOf("l", at, written);
        if ("fault" in found) {
          assert(found.fault.error.message.includes("/vnf-agent/l/"), found.fault.error.message);
          assert(found.fault.error.message.length < 5000);
        } else assert(found.items.length > 0);
        assert(statusKeyOf("l", at).startsWith(PREFIX));
        const read = readConfig("l", new Map([...sound, [at, written]]), sound);
        const names = read.config.interfaces.map(({ name }) => name);
        assert(names.includes("sound-a") && names.includes("sound-b"), `${at} takes others along: ${written}`);
      }),
      { numRuns: 150 },
    );
  });

  it("whose fields cannot become text is a fault, in each model", () => {
    const odd = { toString: 1 };
    const values = [
      { interface: odd, ipAddress: odd, hwAddress: odd },
      { outgoing_interface: odd, dst_network: odd, scope: "GLOBAL" },
      { name: odd, dst_ip_addr: odd, gw_addr: odd, ip_addr: odd, type: "VETH" },
      { name: "a", type: odd, namespace: { type: odd, reference: odd }, veth: odd },
    ];
    for (const model of MODELS) {
      for (const one of values) {
        assert("fault" in itemsOf("l", `${PREFIX + model}a`, JSON.stringify(one)), model);
      }
    }
  });

  it("that nests without an end, or is large, is a fault", () => {
    const deep = "[".repeat(30_000) + "]".repeat(30_000);
    const wide = JSON.stringify({ name: "a", ip_addresses: Array.from({ length: 20_000 }, () => "10.0.0.1/24") });
    const long = JSON.stringify({ name: "a".repeat(60_000), veth: { peer_if_name: "b" } });
    for (const model of MODELS) {
      for (const written of [deep, wide, long]) {
        const found = itemsOf("l", `${PREFIX + model}a`, written);
        assert("fault" in found, model);
        assert(found.fault.error.message.length < 5000, `${model}: ${found.fault.error.message.length}`);
      }
    }
    assertEquals(readConfig("l", new Map([[a, deep]])).config.interfaces, []);
  });
});

import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals } from "@std/assert";
import { keyOf } from "../../../src/etcd/history.ts";
import { partsOf, statusKeyOf } from "../../../src/etcd/keys.ts";
import { readConfig } from "../../../src/etcd/read_config.ts";
import { KeyStatuses } from "../../../src/etcd/status.ts";

const V1 = "/vnf-agent/config/linux/config/v1/";

describe("statusKeyOf()", () => {
  it("changes the first config/ after the label", () => {
    assertEquals(
      statusKeyOf("config", `${V1}interface/config/a`),
      "/vnf-agent/config/linux/config-status/v1/interface/config/a",
    );
    const v2 = "/vnf-agent/l/config/linux/l3/v2/route/10.0.0.0/8/a";
    assertEquals(statusKeyOf("l", v2), "/vnf-agent/l/config-status/linux/l3/v2/route/10.0.0.0/8/a");
  });
});

describe("partsOf()", () => {
  it("knows the keys of each layout, of this label alone", () => {
    assertEquals(partsOf("config", `${V1}arp/a`), { layout: "v1", rest: "arp/a" });
    assertEquals(partsOf("l", `${V1}arp/a`), undefined);
    assertEquals(partsOf("l", "/vnf-agent/l/config/netns/v1/links/a"), { layout: "netns", rest: "links/a" });
    assertEquals(partsOf("l", "/vnf-agent/l/config/vpp/v2/x"), undefined);
  });

  it("knows no key whose bytes are no text: two of them would be one", () => {
    assertEquals(partsOf("config", `${V1}arp/\ufffd`), undefined);
    assertEquals(partsOf("config", `${V1}arp/${"a".repeat(1024)}`), undefined);
  });
});

describe("keyOf()", () => {
  it("gives each key a text of its own, also such as are no UTF-8, and of those no key that is read", () => {
    const begin = [...new TextEncoder().encode(`${V1}arp/`)];
    const texts = [[0xff], [0xfe], [0xc3], [0xc3, 0xbc, 0xff], [0xef, 0xbf, 0xbd], [0xef, 0xbf, 0xbd, 0x66, 0x66]]
      .map((rest) => keyOf({ key: new Uint8Array([...begin, ...rest]) }));
    assertEquals(new Set(texts).size, texts.length);
    for (const text of texts) assertEquals([text.startsWith(V1), partsOf("config", text)], [true, undefined]);
    assertEquals(keyOf({ key: new TextEncoder().encode(`${V1}arp/ü`) }), `${V1}arp/ü`);
  });
});

describe("KeyStatuses", () => {
  const values = new Map([
    [`${V1}interface/a`, '{"name":"a","veth":{"peer_if_name":"b"}}'],
    [`${V1}interface/c`, "{"],
    [`${V1}interface/d`, '{"name":"d","veth":{"peer_if_name":"e"}}'],
    [`${V1}tunnel/t`, "{}"],
  ]);
  const read = readConfig("config", values);
  const report = {
    pending: [{ item: "interface a", reason: "its peer b is not described" }],
    failed: [{ item: "interface d", reason: "no" }],
  };

  it("says of each key what it came to", () => {
    const statuses = [...new KeyStatuses("config").after(values, read, report)].map(([key, value]) => {
      const { error: _, ...rest } = JSON.parse(value);
      return [key, rest];
    });
    const at = "/vnf-agent/config/linux/config-status/v1/";
    assertEquals(statuses, [
      [`${at}interface/a`, {
        key: "linux/config/v1/interface/a",
        state: "PENDING",
        last_operation: "CREATE",
        details: ["its peer b is not described"],
      }],
      [`${at}interface/c`, { key: "linux/config/v1/interface/c", state: "INVALID", last_operation: "VALIDATE" }],
      [`${at}interface/d`, { key: "linux/config/v1/interface/d", state: "FAILED", last_operation: "CREATE" }],
      [`${at}tunnel/t`, { key: "linux/config/v1/tunnel/t", state: "UNIMPLEMENTED", last_operation: "VALIDATE" }],
    ]);
  });

  it("says nothing of a key that is longer than one that is read, and few details", () => {
    const long = `${V1}interface/${"x".repeat(100_000)}`;
    const [fault] = readConfig("config", new Map([[long, "{}"]])).faults;
    assert(fault !== undefined && fault.error.message.length < 2000);
    const key = "/vnf-agent/config/config/netns/v1/links/many";
    const items = Array.from({ length: 50 }, (_, i) => `interface ${i}`);
    const pending = items.map((item) => ({ item, reason: "it waits" }));
    const now = new Map([[long, "{}"], [key, "{}"]]);
    const statuses = new KeyStatuses("config").after(now, { faults: [], items: new Map([[key, items]]) }, {
      pending,
      failed: [],
    });
    assertEquals([...statuses.keys()], [statusKeyOf("config", key)]);
    assertEquals(JSON.parse([...statuses.values()][0] ?? "").details.length, 16);
  });

  it("says UPDATE of a key that changed", () => {
    const statuses = new KeyStatuses("config");
    statuses.after(values, read, report);
    const key = `${V1}interface/a`;
    const changed = new Map([[key, '{"name":"a","mtu":1400,"veth":{"peer_if_name":"b"}}']]);
    const nothing = { pending: [], failed: [] };
    const operation = (): string => {
      const [value = "{}"] = statuses.after(changed, readConfig("config", changed), nothing).values();
      return `${JSON.parse(value).state} ${JSON.parse(value).last_operation}`;
    };
    assertEquals([operation(), operation()], ["CONFIGURED UPDATE", "CONFIGURED UPDATE"]);
  });
});

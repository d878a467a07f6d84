import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { itemsOf } from "../../../../src/etcd/items.ts";

const itemsAt = (rest: string, text: string): ReturnType<typeof itemsOf> =>
  itemsOf("l", `/vnf-agent/l/config/netns/v1/${rest}`, text);
const valuesAt = (rest: string, text: string): unknown[] => {
  const found = itemsAt(rest, text);
  if ("fault" in found) throw found.fault.error;
  return found.items.map(({ value }) => value);
};
const faultAt = (rest: string, text: string): string => {
  const found = itemsAt(rest, text);
  assert("fault" in found, "no fault");
  return `${found.fault.state}: ${found.fault.error.message}`;
};

describe("an item of the topology file as a key", () => {
  it("has the name of its key", () => {
    const [link] = valuesAt("interfaces/blue/x", '{"hostIfName":"eth0","namespace":"blue","type":"DUMMY"}');
    assertEquals(Reflect.get(Object(link), "name"), "blue/x");
    assertStringIncludes(
      faultAt("interfaces/a", '{"name":"b","type":"DUMMY"}'),
      'name: "b", expected a, as in the key',
    );
  });

  it("is YAML or JSON, and of a namespace nothing at all", () => {
    assertEquals(valuesAt("namespaces/blue", ""), ["blue"]);
    assertEquals(valuesAt("namespaces/blue", "sysctls: { net.ipv4.ip_forward: 1 }"), [
      { name: "blue", sysctls: { "net.ipv4.ip_forward": "1" } },
    ]);
    assertEquals(valuesAt("uplinks/blue", "").length, 1);
    assertStringIncludes(faultAt("interfaces/a", "{"), "expected YAML or JSON: ");
    assertStringIncludes(faultAt("interfaces/a", "a: &a [*a]"), "a");
  });

  it("can be in the short form, which stands for several", () => {
    assertEquals(valuesAt("links/1", '{"ends":["a eth0 192.0.2.1/24","b eth0 192.0.2.2/24"]}').length, 2);
    assertEquals(Reflect.get(Object(valuesAt("routes/r", "a default via 192.0.2.2")[0]), "gwAddr"), "192.0.2.2");
  });

  it("of another section is not implemented", () => {
    assertStringIncludes(faultAt("things/a", "{}"), "UNIMPLEMENTED: ");
    assertStringIncludes(faultAt("interfaces/", "{}"), "UNIMPLEMENTED: ");
  });

  it("keeps no secret, and shows none", () => {
    const fault = faultAt("interfaces/wg0", '{"type":"WIREGUARD","wireguard":{"privateKey":"c2VjcmV0"}}');
    assertStringIncludes(fault, "wireguard.privateKey: missing, expected privateKeyFile");
    assert(!fault.includes("c2VjcmV0"));
    assert(!faultAt("interfaces/wg0", "privateKey: c2VjcmV0: [").includes("c2VjcmV0"));
  });

  it("is bounded in length and depth", () => {
    assertStringIncludes(faultAt("interfaces/a", " ".repeat(70_000)), "expected at most 65536 characters");
    assertStringIncludes(faultAt("interfaces/a", `{"x":${"[".repeat(20_000)}${"]".repeat(20_000)}}`), "expected ");
    assertStringIncludes(faultAt("interfaces/a", "\ufffd"), "expected text in UTF-8");
  });
});

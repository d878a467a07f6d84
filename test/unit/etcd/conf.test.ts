import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertThrows } from "@std/assert";
import { confOfEnvironment, parseEtcdConf } from "../../../src/etcd/conf.ts";
import { ConfigError } from "../../../src/errors.ts";

const refuse = (text: string, expected: string): void =>
  void assertThrows(() => parseEtcdConf(text), ConfigError, expected);

describe("parseEtcdConf()", () => {
  it("reads what Ligato's agents read", () => {
    const text = `
insecure-transport: true
dial-timeout: 1000000000
operation-timeout: 1m30s
reconnect-interval: 500ms
session-ttl: 5
endpoints:
  - "172.17.0.1:2379"
  - http://etcd.example:2380
allow-delayed-start: true
`;
    assertEquals(parseEtcdConf(text), {
      endpoints: ["172.17.0.1:2379", "etcd.example:2380"],
      dialTimeout: 1000,
      operationTimeout: 90_000,
      reconnectInterval: 500,
      tls: undefined,
      username: undefined,
      passwordFile: undefined,
    });
  });

  it("sends nothing in plain text unasked", () => {
    refuse('endpoints: ["127.0.0.1:2379"]', "nothing is sent in plain text unasked");
    refuse("insecure-transport: false", "nothing is sent in plain text unasked");
    refuse('{ endpoints: ["http://127.0.0.1:2379"], ca-file: ca.pem }', "insecure-transport is not true");
    assertEquals(parseEtcdConf("insecure-skip-tls-verify: true").tls?.skipVerify, true);
    assertEquals(parseEtcdConf("ca-file: ca.pem").tls?.caFile, "ca.pem");
    refuse("cert-file: c.pem", "both cert-file and key-file");
  });

  it("names every fault", () => {
    const error = assertThrows(
      () => parseEtcdConf("{ insecure-transport: 1, endpoints: [7], dial-timeout: soon }"),
      ConfigError,
    );
    assertEquals(error.issues.map(({ path }) => path).sort(), [
      "dial-timeout",
      "endpoints[0]",
      "insecure-transport",
      "insecure-transport",
    ]);
    refuse("{ insecure-transport: true, username: root }", "a file with the password");
    refuse("{ insecure-transport: true, endpoints: [localhost] }", "HOST:PORT");
  });

  it("has the members of the environment if it names none", () => {
    const environment = { ETCD_ENDPOINTS: "a:1, b:2", ETCDV3_ENDPOINTS: "c:3" };
    assertEquals(parseEtcdConf("insecure-transport: true", undefined, environment).endpoints, ["a:1", "b:2"]);
    assertEquals(parseEtcdConf("insecure-transport: true").endpoints, ["127.0.0.1:2379"]);
  });
});

describe("confOfEnvironment()", () => {
  it("is plain text to the usual member unless the environment says otherwise", () => {
    assertEquals(confOfEnvironment({}), { endpoints: ["127.0.0.1:2379"], tls: undefined });
    assertEquals(confOfEnvironment({ ETCDV3_ENDPOINTS: "c:3" }).endpoints, ["c:3"]);
    assertEquals(confOfEnvironment({ ETCD_ENDPOINTS: "https://c:3" }), { endpoints: ["c:3"], tls: {} });
    assertThrows(() => confOfEnvironment({ ETCD_ENDPOINTS: "c" }), ConfigError, "HOST:PORT");
  });
});

import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertThrows } from "@std/assert";
import { confOfEnvironment, type EtcdConf, parseEtcdConf } from "../../../src/etcd/etcd_conf.ts";
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

  it("reads each field, and null, empty text and 0 as not set", () => {
    const fields: readonly (readonly [name: string, text: string, field: keyof EtcdConf, value: unknown])[] = [
      ["endpoints", "[a:1]", "endpoints", ["a:1"]],
      ["dial-timeout", "1500000000", "dialTimeout", 1500],
      ["dial-timeout", "1.5s", "dialTimeout", 1500],
      ["dial-timeout", "0", "dialTimeout", undefined],
      ["operation-timeout", "2m", "operationTimeout", 120_000],
      ["reconnect-interval", "200ms", "reconnectInterval", 200],
      ["reconnect-interval", "", "reconnectInterval", undefined],
      ["username", "u", "username", "u"],
      ["username", '""', "username", undefined],
      ["password-file", "p", "passwordFile", "p"],
    ];
    for (const [name, text, field, value] of fields) {
      const more = name === "username" ? "password-file: p\n" : "";
      const conf = parseEtcdConf(`insecure-transport: true\n${more}${name}: ${text}\n`);
      assertEquals(conf[field], value, `${name}: ${text}`);
    }
    const text = "{ ca-file: a, cert-file: b, key-file: c, insecure-skip-tls-verify: true, insecure-transport: false }";
    assertEquals(parseEtcdConf(text).tls, { caFile: "a", certFile: "b", keyFile: "c", skipVerify: true });
    for (const never of ["0.5ms", "-1s", "61m", "2h", "1", "soon", "true"]) {
      refuse(`{ insecure-transport: true, dial-timeout: ${never} }`, "from 1ms to 1h");
    }
  });

  it("knows what it does not need, and names what nobody knows", () => {
    const needless = "insecure-transport: true\nallow-delayed-start: false\ndelayed-start: true\nsession-ttl: 5\n" +
      "auto-compact: 0\nresync-after-reconnect: true\n";
    assertEquals(parseEtcdConf(needless).ignored, undefined);
    assertEquals(parseEtcdConf(`${needless}ca_file: ca.pem\nexpiration: 3\n`).ignored, [
      "ca_file is ignored: there is no such name; did you mean ca-file?",
      "expiration is ignored: there is no such name",
    ]);
  });

  it("refuses what is no mapping, too many members, and a member that is none", () => {
    refuse("[]", "a mapping");
    refuse(
      `{ insecure-transport: true, endpoints: [${Array.from({ length: 65 }, (_, i) => `a:${i + 1}`)}] }`,
      "at most 64",
    );
    for (const one of ["a", "a:0", "a:65536", "a:1/b", "user@a:1", "ftp://a:1", "[::1", '""', "{}"]) {
      refuse(`{ insecure-transport: true, endpoints: [${JSON.stringify(one)}] }`, "HOST:PORT");
    }
    assertEquals(parseEtcdConf('{ insecure-transport: true, endpoints: ["[::1]:2379/"] }').endpoints, ["[::1]:2379"]);
    refuse("{ insecure-transport: true, endpoints: a:1 }", "a list of members");
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

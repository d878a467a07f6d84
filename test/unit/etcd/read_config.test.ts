import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { type EtcdConfig, readConfig } from "../../../src/etcd/read_config.ts";

const V1 = "/vnf-agent/l/linux/config/v1/";
const NETNS = "/vnf-agent/l/config/netns/v1/";
const veth = (name: string, peer: string, more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ name, veth: { peer_if_name: peer }, namespace: { type: 2, name: "n" }, ...more });
const names = ({ config }: EtcdConfig): string[] => config.interfaces.map(({ name }) => name);
const faults = ({ faults }: EtcdConfig): string[] =>
  faults.map(({ key, error }) => `${key.slice(V1.length)} ${error.issues[0]?.expected}`);

describe("readConfig()", () => {
  const a = `${V1}interface/a`;
  const b = `${V1}interface/b`;
  const sound = new Map([[a, veth("a", "b")], [b, veth("b", "a")]]);

  it("gives what is sound, and the faults of each key", () => {
    const read = readConfig("l", new Map([...sound, [`${V1}interface/c`, "{"], [`${V1}route/r`, "{}"]]));
    assertEquals(names(read), ["a", "b"]);
    assertEquals(read.faults.map(({ key, state }) => `${key} ${state}`), [
      `${V1}interface/c INVALID`,
      `${V1}route/r INVALID`,
    ]);
    assertEquals(read.config.name, "etcd-l");
    assertEquals([...read.items], [[a, ["interface a"]], [b, ["interface b"]]]);
  });

  it("keeps the last good value of a key with a fault", () => {
    const { good } = readConfig("l", sound);
    const read = readConfig("l", new Map([...sound, [a, veth("a", "b", { mtu: 3 })]]), good);
    assertEquals(names(read), ["a", "b"]);
    assertEquals(faults(read), ["interface/a a number of bytes from 68 to 2147483647"]);
    assertEquals(read.good.get(a), sound.get(a));
  });

  it("keeps the last good value of a key that does not fit the others any more", () => {
    const { good } = readConfig("l", sound);
    const changed = new Map([...sound, [a, veth("a", "b", { host_if_name: "b" })]]);
    const read = readConfig("l", changed, good);
    assertEquals(read.config.interfaces.map(({ hostIfName }) => hostIfName), ["a", "b"]);
    assertStringIncludes(faults(read)[0] ?? "", "interface/a a host name that is free in its namespace");
    assertStringIncludes(faults(read)[0] ?? "", b);
  });

  it("takes the first by key of two with one name", () => {
    const read = readConfig("l", new Map([...sound, [`${V1}interface/aa`, veth("a", "b", { mtu: 1400 })]]));
    assertEquals(names(read), ["a", "b"]);
    assertEquals(faults(read), [`interface/aa a name that ${a} does not have`]);
  });

  it("leaves out what has no last good value, and the others stay", () => {
    const read = readConfig("l", new Map([...sound, [`${V1}interface/c`, veth("c", "c")]]));
    assertEquals(names(read), ["a", "b"]);
    assertEquals(faults(read), ["interface/c another interface"]);
  });

  it("reads both layouts and the topology file's together", () => {
    const v2 = "/vnf-agent/l/config/linux/interfaces/v2/interface/b";
    const value = '{"name":"b","type":"VETH","namespace":{"type":"NSID","reference":"m"},"veth":{"peer_if_name":"a"}}';
    const read = readConfig(
      "l",
      new Map([[a, veth("a", "b")], [v2, value], [`${NETNS}routes/r`, "n 10.0.0.0/8 dev a"]]),
    );
    assertEquals(read.faults, []);
    assertEquals(names(read), ["b", "a"]);
    assertEquals(read.config.routes.length, 1);
  });

  it("refuses namespaces of kinds that are not allowed", () => {
    const allowed = new Set(["named", "microservice"] as const);
    const values = new Map([
      ...sound,
      [`${V1}interface/p`, veth("p", "q", { namespace: { pid: 42 } })],
      [`${V1}interface/f`, veth("f", "g", { namespace: { type: 3, filepath: "/proc/1/ns/net" } })],
      [`${V1}interface/d`, veth("d", "e", { namespace: {} })],
      [`${V1}route/r`, '{"name":"r","interface":"eth0","dst_ip_addr":"10.0.0.0/8"}'],
      [`${V1}route/s`, '{"name":"s","interface":"a","dst_ip_addr":"10.0.0.0/8"}'],
      [`${NETNS}uplinks/n`, ""],
    ]);
    const read = readConfig("l", values, undefined, allowed);
    assertEquals(names(read), ["a", "b"]);
    assertEquals(read.config.routes.map(({ name }) => name), ["s"]);
    assertEquals(read.faults.length, 5);
    for (const { error } of read.faults) {
      assertEquals(error.issues[0]?.expected, "a namespace of a kind that is allowed here: named, microservice");
    }
    assertEquals(readConfig("l", values, undefined, new Set([...allowed, "default"] as const)).faults.length, 2);
  });

  it("refuses what reaches the default namespace from another one where that is not allowed", () => {
    const named = new Set(["named"] as const);
    const tap = JSON.stringify({
      name: "t",
      type: 1,
      namespace: { type: 2, name: "n" },
      tap: { temp_if_name: "tap0" },
    });
    const wireguard = (birthNamespace: string): string => (
      JSON.stringify({ type: "WIREGUARD", namespace: "n", wireguard: { privateKeyFile: "/key", birthNamespace } })
    );
    const values = new Map([
      [`${V1}interface/t`, tap],
      [`${NETNS}interfaces/w`, wireguard("PID:0")],
      [`${NETNS}interfaces/x`, wireguard("FILE:/proc/1/ns/net")],
      [`${NETNS}interfaces/y`, wireguard("m")],
    ]);
    const read = readConfig("l", values, undefined, named);
    assertEquals(names(read), ["y"]);
    assertEquals(
      read.faults.map(({ error }) => error.issues[0]?.path),
      ["wireguard.birthNamespace", "wireguard.birthNamespace", "tap"],
    );
    assertEquals(read.config.allowsDefault, false, "the default one by another name is found out when it is opened");
    const all = readConfig("l", values, undefined, new Set([...named, "default", "file"] as const));
    assertEquals([all.faults, all.config.allowsDefault], [[], undefined]);
  });
});

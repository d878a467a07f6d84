/** Who may read: certificates and users of a real etcd, and a cluster that is not the one it was. */
import { type EtcdConf, parseEtcdConf } from "@netns/netns";
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { describeEtcd, EtcdMember, type MemberOptions } from "./etcd.ts";
import { EtcdFollowing, freePorts } from "./etcd_following.ts";

/** Whether every variant is tried: what CI tries is a sample. */
const WHOLE = process.env["WHOLE"] === "1";
const V1 = "/vnf-agent/l/linux/config/v1/interface/";
const V2 = "/vnf-agent/l/config/";
const veth = (name: string, peer: string): object => ({ name, veth: { peer_if_name: peer } });
const enter: MemberOptions["enter"] = ([command = "", ...args]) => [command, args];

describeEtcd("the certificates of a cluster", () => {
  let files: Certificates, others: Certificates;
  let etcd: EtcdMember;
  const path = (name: string, from = files): string => join(from.dir, name);
  const server = (name: string): string[] => ["--cert-file", path(`${name}.pem`)];
  const following = (conf: Readonly<Record<string, unknown>>): EtcdFollowing => {
    const reconnect = { "reconnect-interval": "20ms", endpoints: [etcd.endpoint] };
    return new EtcdFollowing({ conf: parseEtcdConf(JSON.stringify({ ...reconnect, ...conf })) });
  };
  const client = () => ({ "ca-file": path("ca.pem"), "cert-file": path("cert.pem"), "key-file": path("key.pem") });

  before(async () => {
    [files, others] = [makeCertificates(), makeCertificates()];
    files.sign("elsewhere", "elsewhere-key.pem", "subjectAltName=IP:192.0.2.1\nextendedKeyUsage=serverAuth\n");
    files.sign("expired", "expired-key.pem", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n", -1);
    files.sign("old", "old-key.pem", "extendedKeyUsage=clientAuth\n", -1);
    etcd = new EtcdMember({
      ...{ enter, port: await freePorts(), scheme: "https" },
      client: ["--cacert", path("ca.pem"), "--cert", path("cert.pem"), "--key", path("key.pem")],
      options: ["--client-cert-auth", "--trusted-ca-file", path("ca.pem")],
    });
    await etcd.start(...server("server"), "--key-file", path("server-key.pem"));
    etcd.put(V1, { a: veth("a", "b") });
  });
  after(async () => {
    await etcd[Symbol.asyncDispose]();
    for (const one of [files, others]) one[Symbol.dispose]();
  });

  it("of both sides are shown and accepted", async () => {
    await using follower = following(client());
    await follower.has("a");
    etcd.put(V1, { b: veth("b", "a") });
    await follower.has("a b");
    assertEquals(follower.said("lost"), []);
  });

  it("of another authority are refused, and without one those of the system count", async () => {
    await using other = following({ ...client(), "ca-file": path("ca.pem", others) });
    await using none = following({ ...client(), "ca-file": undefined });
    await other.says("lost", /self.signed|issuer|unable to|UnknownIssuer|unknown/i);
    await none.says("lost", /self.signed|issuer|unable to|UnknownIssuer|unknown/i);
    assertEquals([other.configs, none.configs], [[], []]);
  });

  it("of a client are demanded, of the same authority, and before they expire", async () => {
    const foreign = { "cert-file": path("cert.pem", others), "key-file": path("key.pem", others) };
    await using none = following({ "ca-file": path("ca.pem") });
    await using other = following({ ...client(), ...foreign });
    await using old = following({ ...client(), "cert-file": path("old.pem"), "key-file": path("old-key.pem") });
    for (const one of [none, other, old]) {
      await one.says("lost", /./);
      assertEquals(one.configs, []);
    }
  });

  it("are read anew at each attempt, and a file that cannot be read is named", async () => {
    renameSync(path("key.pem"), path("away"));
    await using follower = following(client());
    await follower.says("lost", /key\.pem/);
    writeFileSync(path("key.pem"), "no key");
    await follower.until(() => follower.said("lost").length > 1);
    renameSync(path("away"), path("key.pem"));
    await follower.until(() => follower.names.startsWith("a"));
  });

  it("are warned of if every user can read their key, and said to be unreadable if nobody can", async () => {
    const exposed = (follower: EtcdFollowing): string[] =>
      follower.said("warning").filter((one) => one.includes("key-file: every user can read"));
    chmodSync(path("key.pem"), 0o644);
    await using follower = following(client());
    await follower.until(() => follower.names.startsWith("a"));
    assertEquals(exposed(follower).length, 1);
    chmodSync(path("key.pem"), 0o640); // as the group of a service has it
    await using other = following(client());
    await other.until(() => other.names.startsWith("a"));
    assertEquals(exposed(other), []);
  });

  it("of a client say who it is by their common name where the cluster has users, and without one do not", async () => {
    files.sign("nameless", "nameless-key.pem", "extendedKeyUsage=clientAuth\n", 1, "/O=netns");
    etcd.ctl("user", "add", "root:root");
    etcd.ctl("user", "grant-role", "root", "root");
    etcd.ctl("user", "add", "cert:unused");
    etcd.ctl("role", "add", "reader");
    etcd.ctl("user", "grant-role", "cert", "reader");
    etcd.ctl("role", "grant-permission", "--prefix", "reader", "read", "/vnf-agent/l/");
    etcd.ctl("auth", "enable");
    const nameless = { "cert-file": path("nameless.pem"), "key-file": path("nameless-key.pem") };
    await using follower = following(client());
    await using nobody = following({ ...client(), ...nameless });
    await follower.has("a b");
    await nobody.says("lost", /permission denied|user name is empty/);
    etcd.ctl("--user", "root:root", "auth", "disable");
    await nobody.has("a b");
  });

  it("of a member are refused for another name and when they have expired, unless none are looked at", async () => {
    const each = [["elsewhere", /altname|not valid for name|IP/i], ["expired", /expired/i]] as const;
    for (const [name, reason] of WHOLE ? each : each.slice(1)) {
      await etcd.kill();
      etcd.spawn(...server(name), "--key-file", path(`${name}-key.pem`));
      await using unseen = following({ ...client(), "insecure-skip-tls-verify": true });
      await unseen.until(() => unseen.names.startsWith("a"));
      await using follower = following(client());
      await follower.says("lost", reason);
      assertEquals(follower.configs, []);
    }
  });
});

describeEtcd("the users of a cluster", () => {
  let etcd: EtcdMember;
  const folder = mkdtempSync(join(tmpdir(), "netns-users-"));
  const root = ["--user", "root:root"];
  const password = join(folder, "password");
  const conf = (more: Partial<EtcdConf> = {}): EtcdConf => (
    { endpoints: [etcd.endpoint], reconnectInterval: 20, username: "agent", passwordFile: password, ...more }
  );
  const may = (verb: "grant" | "revoke", prefix: string): void => {
    const how = verb === "grant" ? ["read", prefix] : [prefix];
    etcd.ctl(...root, "role", `${verb}-permission`, "--prefix", "reader", ...how);
  };
  const put = (prefix: string, values: Readonly<Record<string, object>>): void => {
    for (const [key, value] of Object.entries(values)) etcd.ctl(...root, "put", prefix + key, JSON.stringify(value));
  };

  before(async () => {
    writeFileSync(password, "secret\n");
    etcd = new EtcdMember({ enter, port: await freePorts(), options: ["--auth-token-ttl", "1"] });
    await etcd.start();
    etcd.put(V1, { a: veth("a", "b") });
    etcd.ctl("user", "add", "root:root");
    etcd.ctl("user", "grant-role", "root", "root");
    etcd.ctl("user", "add", "agent:secret");
    etcd.ctl("role", "add", "reader");
    etcd.ctl("user", "grant-role", "agent", "reader");
    etcd.ctl("role", "grant-permission", "--prefix", "reader", "read", "/vnf-agent/l/");
    etcd.ctl("auth", "enable");
  });
  after(async () => {
    await etcd[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it("are demanded, with their passwords, which are read anew at each attempt", async () => {
    await using nobody = new EtcdFollowing({ conf: conf({ username: undefined }) });
    await nobody.says("lost", /user name is empty/);
    writeFileSync(password, "wrong\n");
    await using follower = new EtcdFollowing({ conf: conf() });
    await follower.says("lost", /authentication failed/);
    assertEquals(follower.configs, []);
    writeFileSync(password, "secret\n");
    await follower.has("a");
    assertEquals([nobody.configs, nobody.said("connected")], [[], []]);
  });

  it("go on when their tokens expire", async () => {
    await using follower = new EtcdFollowing({ conf: conf(), listEvery: 300 });
    await follower.has("a");
    const begin = performance.now();
    const listed = (): number => follower.said("listed").length;
    await follower.until(() => performance.now() - begin > 2500); // a token lives for a second and is swept every second
    const before = listed();
    await follower.until(() => listed() > before);
    put(V1, { b: veth("b", "a") });
    await follower.has("a b");
    assertEquals(follower.said("lost"), []);
  });

  it("that may not write have no statuses, which holds up nothing", async () => {
    await using follower = new EtcdFollowing({ conf: conf(), status: true });
    await follower.has("a b");
    await follower.says("status-failed", /permission denied/);
    put(V1, { b: { ...veth("b", "a"), mtu: 1400 } });
    await follower.until(() => follower.configs.at(-1)?.interfaces.some(({ mtu }) => mtu === 1400) ?? false);
    for (const beginning of ["linux/config-status/v1/", "config-status/", "check/"]) { // as the guide says
      etcd.ctl(...root, "role", "grant-permission", "--prefix", "reader", "readwrite", `/vnf-agent/l/${beginning}`);
    }
    const status = `${V1.replace("config/", "config-status/")}a`;
    await follower.until(() => etcd.ctl(...root, "get", status).includes("CONFIGURED"));
  });

  it("keep what they know when their right ends, go on when it is back, and read a part if that is all", async () => {
    await using follower = new EtcdFollowing({ conf: conf(), listEvery: 100 });
    await follower.has("a b");
    may("revoke", "/vnf-agent/l/");
    await follower.says("refused", /permission denied.*linux\/config\/v1/);
    etcd.ctl(...root, "del", `${V1}a`);
    assertEquals(follower.names, "a b");
    may("grant", "/vnf-agent/l/config/");
    put(`${V2}netns/v1/interfaces/`, { c: { type: "DUMMY" } });
    await follower.until(() => follower.names.includes("c"));
    assert(follower.names.includes("a"), "what may not be read stays");
    may("grant", "/vnf-agent/l/");
    await follower.until(() => !follower.names.includes("a"));
    assertEquals(follower.said("held"), []);
  });

  it("are no fault where the cluster has none, and begin to be demanded while an agent follows", async () => {
    etcd.ctl(...root, "auth", "disable");
    await using follower = new EtcdFollowing({ conf: conf() });
    await using nobody = new EtcdFollowing({ conf: conf({ username: undefined }), listEvery: 100 });
    for (const one of [follower, nobody]) await one.until(() => one.names.includes("b"));
    assertEquals(follower.said("lost"), []);
    etcd.ctl("auth", "enable");
    await nobody.says("lost", /user name is empty/);
    assertEquals(nobody.names, follower.names);
  });
});

describeEtcd("a cluster that is not what it was", () => {
  let etcd: EtcdMember;
  let directory: string;
  const conf = (): EtcdConf => ({ endpoints: [etcd.endpoint], reconnectInterval: 20 });

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "netns-restored-"));
    etcd = new EtcdMember({ enter, port: await freePorts() });
    await etcd.start();
  });
  after(async () => {
    await etcd[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  });

  let token = "etcd-cluster";
  /** Puts the state of a snapshot into the member's place; with another token it is another cluster. */
  async function restore(snapshot: string, newToken: string = token): Promise<void> {
    token = newToken;
    const [host, port] = etcd.endpoint.split(":");
    const peer = `http://${host}:${Number(port) + 1}`;
    await etcd.kill();
    etcd.wipe();
    etcd.ctl(
      ...["snapshot", "restore", snapshot, "--data-dir", etcd.data, "--name", "default"],
      ...["--initial-cluster", `default=${peer}`, "--initial-advertise-peer-urls", peer],
      ...["--initial-cluster-token", token],
    );
    await etcd.start();
  }

  it("is held when it was restored from an older snapshot, of the same cluster or as another one", async () => {
    const snapshot = join(directory, "snapshot");
    etcd.put(V1, { a: veth("a", "b") });
    etcd.ctl("snapshot", "save", snapshot);
    etcd.put(V1, { b: veth("b", "a"), c: veth("c", "d") });
    const each = [
      [token, /^the cluster is at revision 2, and was at 4/],
      ["another", /^another cluster answers/],
    ] as const;
    for (const [newToken, reason] of WHOLE ? each : each.slice(0, 1)) {
      await using follower = new EtcdFollowing({ conf: conf() });
      await follower.has("a b c");
      await restore(snapshot, newToken);
      await follower.says("held", reason);
      etcd.put(V1, { b: veth("b", "a"), e: veth("e", "f") });
      await follower.has("a b c e");
      etcd.ctl("del", `${V1}b`);
      etcd.put(V1, { c: veth("c", "d"), g: veth("g", "h") });
      await follower.has("a b c e g");
      etcd.ctl("del", "--prefix", V1);
      etcd.put(V1, { a: veth("a", "b") });
      etcd.put(V1, { b: veth("b", "a"), c: veth("c", "d") });
    }
    assertMatch(etcd.ctl("get", "--prefix", "--keys-only", V1), /interface\/a\s+.*interface\/b\s+.*interface\/c/);
  });

  it("is held when it was restored and its revision has passed the last one, and goes on by what is put", async () => {
    const snapshot = join(directory, "passed");
    etcd.put(V1, { a: veth("a", "b") });
    etcd.ctl("snapshot", "save", snapshot);
    etcd.put(V1, { late: veth("late", "z") });
    await using follower = new EtcdFollowing({ conf: conf(), listEvery: 200 });
    await follower.until(() => follower.names.endsWith("late"));
    const names = follower.names;
    const elsewhere = `http://127.0.0.1:${await freePorts()}`;
    await restore(snapshot);
    await etcd.kill();
    etcd.spawn("--listen-client-urls", elsewhere); // where nobody follows
    const filled = (): boolean => (
      etcd.try("--endpoints", elsewhere, "put", "/filler", "1").status === 0 &&
      Number(
          /"Revision" : (\d+)/.exec(etcd.try("--endpoints", elsewhere, "get", "/filler", "-w", "fields").stdout)?.[1],
        ) >
        Number(follower.events.findLast((one) => one.kind === "listed")?.revision)
    );
    while (!filled());
    await etcd.kill();
    await etcd.start();
    await follower.says("held", /^the cluster was restored: it never had .*interface\/late/);
    assertEquals(follower.names, names);
    etcd.put(V1, { new: veth("new", "old") });
    await follower.until(() => follower.names.endsWith("new"));
    assert(follower.names.includes("late"), "what is put is done, and nothing goes");
    etcd.ctl("del", "--prefix", V1);
  });

  it("has more keys than come in one answer, and more statuses than go in one transaction", async () => {
    const count = 2500;
    await etcd.write(V1, Object.fromEntries(Array.from({ length: count }, (_, i) => [`many/${i}`, "{"])));
    await using follower = new EtcdFollowing({ conf: conf(), status: true });
    await follower.until(() => follower.said("fault").length === count);
    const at = V1.replace("config/", "config-status/");
    const statuses = (): Map<string, string> => {
      const lines = etcd.ctl("get", "--prefix", `${at}many/`, "-w", "fields").matchAll(
        /"Key" : (.*)\n.*\n"ModRevision" : (.*)/g,
      );
      return new Map(Array.from(lines, ([, key = "", revision = ""]) => [key, revision]));
    };
    await follower.until(() => statuses().size === count);
    const before = statuses();
    etcd.put(V1, { "many/0": veth("zero", "b") });
    await follower.until(() => etcd.value(`${at}many/0`)?.["state"] === "CONFIGURED");
    const changed = [...statuses()].filter(([key, revision]) => before.get(key) !== revision).map(([key]) => key);
    assertEquals(changed, [JSON.stringify(`${at}many/0`)], "what did not change is not written");
    etcd.ctl("del", "--prefix", `${V1}many/`);
    await follower.until(() => statuses().size === 0);
    assertEquals(follower.said("status-failed"), []);
  });

  it("is given up within 20 s when it says nothing any more, and goes on", async () => {
    await using follower = new EtcdFollowing({ conf: conf() });
    await follower.until(() => follower.said("connected").length > 0);
    process.kill(etcd.pid, "SIGSTOP");
    const since = performance.now();
    try {
      await follower.says("lost", /no answer to a ping within 5 s/);
    } finally {
      process.kill(etcd.pid, "SIGCONT");
    }
    assert(performance.now() - since < 20_000);
    etcd.put(V1, { silent: veth("silent", "b") });
    await follower.until(() => follower.names.includes("silent"));
    etcd.ctl("del", `${V1}silent`);
  });

  it("has keys that end with their leases", async () => {
    await using follower = new EtcdFollowing({ conf: conf() });
    const [, lease = ""] = /lease (\w+) granted/.exec(etcd.ctl("lease", "grant", "1")) ?? [];
    etcd.ctl("put", "--lease", lease, `${V1}leased`, JSON.stringify(veth("leased", "b")));
    await follower.until(() => follower.names.includes("leased"));
    await follower.until(() => !follower.names.includes("leased"));
    assertEquals(follower.said("held"), []);
  });

  it("has the status of an agent under a lease of 30 s, also when that has ended, and a second agent is warned of", async () => {
    const agent = "/vnf-agent/l/check/status/v1/agent";
    const following = (): EtcdFollowing => new EtcdFollowing({ conf: conf(), status: true, directory });
    const leaseOf = (): string => (
      BigInt(/"Lease" : (\d+)/.exec(etcd.ctl("get", agent, "-w", "fields"))?.[1] ?? "0").toString(16)
    );
    await using first = following();
    await first.until(() => etcd.value(agent) !== undefined);
    const lease = leaseOf();
    assertMatch(etcd.ctl("lease", "timetolive", lease), /granted with TTL\(30s\)/);
    etcd.ctl("lease", "revoke", lease); // as it ends while the agent is stopped
    const now = Date.now;
    try {
      Date.now = () => now() - 3_600_000; // somebody sets the clock
      await first.until(() => etcd.value(agent) !== undefined); // at its next beat
    } finally {
      Date.now = now;
    }
    assertNotEquals(leaseOf(), lease);
    await using second = following();
    await second.until(() => second.said("connected").length > 0);
    await first.until(() => first.said("second-agent").length > 0); // at the beat after that
  });
});

// Real programs in a lab: `node lab_programs.mjs LAB NAME`. It prints what each saw, as JSON.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

const [library, name] = process.argv.slice(-2);
const { Lab } = await import(library);
const folder = mkdtempSync(join(tmpdir(), "netns-lab-programs-"));
const WITHIN = { within: 60_000 };

const pair = (a, b, others = "") => `
  links:
    - ends: ["${a} eth0 10.0.0.1/24", "${b} eth0 10.0.0.2/24"]${others}`;

const programs = {
  /** A replica does not get what its primary gets while they are apart, and gets it afterwards. */
  async redis() {
    const lab = await Lab.up(pair("primary", "replica"));
    try {
      const [primary, replica] = [lab.host("primary"), lab.host("replica")];
      const options = [
        "--bind",
        "0.0.0.0",
        "--protected-mode",
        "no",
        "--save",
        "",
        "--dir",
        folder,
        "--repl-timeout",
        "2",
      ];
      primary.spawn("redis-server", [...options, "--repl-ping-replica-period", "1"], { stdio: "ignore" });
      replica.spawn("redis-server", [...options, "--replicaof", "10.0.0.1", "6379"], { stdio: "ignore" });
      const on = (host) => async (...words) =>
        (await host.exec("redis-cli", ["-h", "127.0.0.1", ...words])).stdout.trim();
      const [first, second] = [on(primary), on(replica)];
      const link = async () => (await second("info", "replication")).match(/master_link_status:(\w+)/)?.[1];
      const has = (value) => lab.until(async () => await second("get", "key") === value, WITHIN);
      await lab.until(async () => await link() === "up", WITHIN);
      await first("set", "key", "before");
      await has("before");
      await lab.partition(["primary"], ["replica"]);
      await first("set", "key", "meanwhile");
      await lab.until(async () => await link() === "down", WITHIN);
      const apart = await second("get", "key");
      await lab.heal();
      await has("meanwhile");
      return { apart, healed: await second("get", "key") };
    } finally {
      await lab[Symbol.asyncDispose]();
    }
  },
  /** iperf3 measures the rate of the link. */
  async iperf3() {
    const lab = await Lab.up(pair("client", "server", "\n      impair: { rate: 20mbit }"));
    try {
      lab.host("server").spawn("iperf3", ["--server"], { stdio: "ignore" });
      const client = lab.host("client");
      const { end } = await lab.until(async () => {
        const { status, stdout } = await client.exec("iperf3", ["--client", "10.0.0.2", "--time", "2", "--json"]);
        return status === 0 && JSON.parse(stdout);
      }, WITHIN);
      return { mbit: end.sum_received.bits_per_second / 1e6 };
    } finally {
      await lab[Symbol.asyncDispose]();
    }
  },
  /** A server behind a router that translates addresses: who comes from outside, and who goes there. */
  async nginx() {
    const lab = await Lab.up(`
      namespaces: [{ name: router, sysctls: { net.ipv4.ip_forward: 1 } }]
      links:
        - ends: ["web eth0 192.168.0.2/24", "router lan 192.168.0.1/24"]
        - ends: ["outside eth0 203.0.113.2/24", "router wan 203.0.113.1/24"]
      routes: [web default via 192.168.0.1]
      nat: [{ name: out, namespace: router, out: wan }]
      forwards: [{ name: web, namespace: router, in: wan, protocol: tcp, port: 8080, to: "192.168.0.2:80" }]
    `);
    try {
      const [web, outside] = [lab.host("web"), lab.host("outside")];
      const port = { web: 80, outside: 8080 };
      for (const host of [web, outside]) {
        host.spawn("nginx", ["-c", nginxOf(host.name, port[host.name])], { stdio: "inherit" });
      }
      const seen = (host, url) => lab.until(async () => (await (await host.fetch(url)).text()).trim(), WITHIN);
      const direct = await outside.connect({ host: "192.168.0.2", port: 80, timeout: 1000 }).catch(({ code }) => code);
      return {
        inwards: await seen(outside, "http://203.0.113.1:8080/"),
        outwards: await seen(web, "http://203.0.113.2:8080/"),
        direct,
      };
    } finally {
      await lab[Symbol.asyncDispose]();
    }
  },
  /** Of three members, the one that is alone takes nothing, and the other two go on; afterwards all have the same. */
  async etcd() {
    const names = ["a", "b", "c"];
    const address = (i) => `10.0.0.${i + 1}`;
    const lab = await Lab.up(`
      links: [{ bridge: switch br0, ends: [${names.map((name, i) => `"${name} eth0 ${address(i)}/24"`).join(", ")}] }]
    `);
    try {
      const cluster = names.map((name, i) => `${name}=http://${address(i)}:2380`).join(",");
      for (const [i, name] of names.entries()) {
        const [client, peer] = [`http://${address(i)}:2379`, `http://${address(i)}:2380`];
        const options = {
          ...{ name, "data-dir": join(folder, name), "initial-cluster": cluster, "log-level": "error" },
          ...{ "listen-client-urls": client, "advertise-client-urls": client },
          ...{ "listen-peer-urls": peer, "initial-advertise-peer-urls": peer },
        };
        const words = Object.entries(options).map(([key, value]) => `--${key}=${value}`);
        lab.host(name).spawn("etcd", words, { stdio: "ignore" });
      }
      const ctl = (i, ...words) =>
        lab.host(names[i]).exec("etcdctl", ["--endpoints", `${address(i)}:2379`, ...words], {
          env: { ...process.env, ETCDCTL_API: "3" },
        });
      const isPut = async (i, value, key = "key") =>
        (await ctl(i, "--command-timeout=1s", "put", key, value)).status === 0;
      const has = async (i, ...more) => (await ctl(i, "get", "key", "--print-value-only", ...more)).stdout.trim();
      await lab.until(() => isPut(0, "before"), WITHIN);
      await lab.partition(["a"], ["b", "c"]);
      await lab.until(() => isPut(1, "meanwhile"), WITHIN);
      // Of another key: what waits in the socket of a member may arrive, and be put, when the members meet again.
      const alone = { isPut: await isPut(0, "late", "other"), has: await has(0, "--consistency=s") };
      await lab.heal();
      await lab.until(async () => await has(0, "--consistency=s") === "meanwhile", WITHIN);
      return { alone, healed: await has(0), isPut: await isPut(0, "after") };
    } finally {
      await lab[Symbol.asyncDispose]();
    }
  },
};

/** A configuration of nginx that answers with the address of whoever asks. It keeps its files, and its user. */
function nginxOf(name, port) {
  const own = join(folder, name);
  mkdirSync(own);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) =>
    `${kind}_temp_path ${own}/${kind};`
  );
  writeFileSync(
    join(own, "nginx.conf"),
    `daemon off; master_process off; user root; pid ${own}/pid; error_log stderr; events {}
    http {
      access_log off; ${temporary.join(" ")}
      server { listen ${port}; location / { return 200 "${name} hears $remote_addr"; } }
    }`,
  );
  return join(own, "nginx.conf");
}

try {
  console.log(JSON.stringify(await programs[name]()));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

// Real programs in a lab: `node lab_programs.mjs LAB NAME`. It prints what each saw, as JSON.
import { mkdtempSync, rmSync } from "node:fs";
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
};

try {
  console.log(JSON.stringify(await programs[name]()));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

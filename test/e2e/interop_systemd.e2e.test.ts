/** A real systemd: it runs our units, and its services run in namespaces that are made here, and ours reach into its. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { readFileSync } from "node:fs";
import { eventually } from "./following.ts";
import { describeBuilt, root } from "./support.ts";
import { SystemdMachine } from "./systemd_machine.ts";

const UNITS = "/run/systemd/system";
const AGENT = "netns-agent.service";
/** A service that does nothing, with its own lines in the unit; it has started when its process is in its namespaces. */
const idle = (...lines: readonly string[]): string =>
  `[Unit]
DefaultDependencies=no
${lines.filter((line) => line.startsWith("Joins")).join("\n")}
[Service]
Type=exec
ExecStart=sleep infinity
${lines.filter((line) => !line.startsWith("Joins")).join("\n")}
`;

describeBuilt("systemd", () => {
  let machine: SystemdMachine;
  before(async () => {
    machine = await SystemdMachine.open();
    machine.write(`${UNITS}/${AGENT}`, readFileSync(`${root}dist/systemd/${AGENT}`, "utf8"));
    // Nothing that a whole machine has, and a watchdog that does not keep the test waiting.
    machine.write(
      `${UNITS}/${AGENT}.d/test.conf`,
      "[Unit]\nDefaultDependencies=no\nAfter=\n[Service]\nWatchdogSec=2s\n",
    );
    machine.write("/etc/netns.yaml", "name: lab\nnamespaces: [blue]\n");
    machine.write(`${UNITS}/inside.service`, idle("NetworkNamespacePath=/run/netns/blue"));
    machine.write(`${UNITS}/private.service`, idle("PrivateNetwork=yes"));
    machine.write(`${UNITS}/joined.service`, idle("PrivateNetwork=yes", "JoinsNamespaceOf=private.service"));
    machine.output("systemctl", "daemon-reload");
  });
  after(() => machine[Symbol.asyncDispose]());

  const names = (): string => machine.output("ip", "netns", "list").replace(/ \(id: \d+\)/g, "");
  /** The namespace of a service. */
  const where = (unit: string): string =>
    machine.output("readlink", `/proc/${machine.property(unit, "MainPID")}/ns/net`);

  it("starts the agent, which is ready when the file is applied", () => {
    machine.output("systemctl", "start", AGENT);
    assertEquals(names(), "blue");
    assertEquals(machine.property(AGENT, "StatusText"), "1 done");
  });

  it("reloads it: the same process applies the new file, and one with faults changes nothing", async () => {
    const pid = machine.property(AGENT, "MainPID");
    machine.write("/etc/netns.yaml", "name: lab\nnamespaces: [blue, green]\n");
    machine.output("systemctl", "reload", AGENT);
    await eventually(() => names().split("\n").sort().join() === "blue,green", names);
    machine.write("/etc/netns.yaml", "namespaces: 5\n");
    machine.output("systemctl", "reload", AGENT);
    await eventually(() => machine.property(AGENT, "ActiveState") === "active");
    assertEquals([machine.property(AGENT, "MainPID"), names().split("\n").length], [pid, 2]);
    machine.write("/etc/netns.yaml", "name: lab\nnamespaces: [blue]\n");
    machine.output("systemctl", "reload", AGENT);
    await eventually(() => names() === "blue", names);
  });

  it("runs a service in a namespace that was made here (NetworkNamespacePath=)", () => {
    machine.output("systemctl", "start", "inside.service");
    assertEquals(
      where("inside.service"),
      machine.output("netns", "exec", "blue", "--", "readlink", "/proc/self/ns/net"),
    );
    assertEquals(machine.output("netns", "identify", machine.property("inside.service", "MainPID")), "blue");
  });

  it("has namespaces of its own that are named, entered and wired here (PrivateNetwork=, JoinsNamespaceOf=)", async () => {
    // One after the other: on a busy machine two that systemd starts at once may each get a namespace.
    for (const unit of ["private.service", "joined.service"]) machine.output("systemctl", "start", unit);
    const pid = machine.property("private.service", "MainPID");
    const both = (): string[] => [where("private.service"), where("joined.service")];
    await eventually(() => new Set(both()).size === 1, () => both().join(" and "));
    assertNotEquals(where("private.service"), machine.output("readlink", "/proc/self/ns/net"));
    machine.output("netns", "attach", "service", `PID:${pid}`);
    assertEquals(machine.output("netns", "identify", machine.property("joined.service", "MainPID")), "service");
    machine.write(
      "/run/wire.yaml",
      `name: wire
interfaces:
  - { name: left, hostIfName: eth0, namespace: blue, ipAddresses: [192.0.2.1/24], veth: { peerIfName: right } }
  - { name: right, hostIfName: eth0, namespace: "PID:${pid}", ipAddresses: [192.0.2.2/24], veth: { peerIfName: left } }
`,
    );
    machine.output("netns", "apply", "/run/wire.yaml");
    const joined = machine.property("joined.service", "MainPID");
    machine.output("nsenter", "-t", joined, "-n", "ping", "-c1", "-W9", "192.0.2.1");
    machine.output("netns", "destroy", "/run/wire.yaml");
    machine.output("netns", "del", "service");
    assertEquals(machine.output("ip", "netns", "list").includes("service"), false);
  });

  it("starts the agent again when it gives no sign of life", async () => {
    const pid = machine.property(AGENT, "MainPID");
    machine.output("kill", "-STOP", pid);
    await eventually(() => !["0", pid].includes(machine.property(AGENT, "MainPID")));
    await eventually(() => machine.property(AGENT, "ActiveState") === "active");
    assert(Number(machine.property(AGENT, "NRestarts")) >= 1);
  });

  it("stops the agent, and the network stays", () => {
    machine.output("systemctl", "stop", AGENT);
    assertEquals([machine.property(AGENT, "Result"), names()], ["success", "blue"]);
  });
});

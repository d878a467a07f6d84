/** What is made to fail: runs of the command, each from a state of its own. */

/** A run of the command, and what mends it when it was cut short. */
export interface Scenario {
  readonly name: string;
  /** A shell script that prepares the empty place; `$NETNS` is the command. */
  readonly prepare: string;
  /** The arguments of the command whose calls fail. */
  readonly args: readonly string[];
  /** The arguments of the command that takes its effect back. */
  readonly inverse: readonly string[];
  /** True if a run that fails must leave everything as it was; of many items, those that can be are done. */
  readonly atomic: boolean;
}

/** The name of the namespace that is added and deleted. */
const NAME = "faults-blue";
/** As `ip netns` leaves it: a shared mount with nothing in it. */
const DIRECTORY = `ip netns add ${NAME}; ip netns del ${NAME}`;

/** The files that are applied; where they lie is `$FILES`. */
export const FILES: Readonly<Record<string, string>> = {
  "faults.yaml": `
namespaces: [faults-blue]
interfaces:
  - { name: left, hostIfName: eth0, ipAddresses: [10.1.0.1/24, "fd00::1/64"], mtu: 1400, namespace: faults-blue,
      physAddress: "02:00:00:00:00:01", veth: { peerIfName: right } }
  - { name: right, ipAddresses: [10.1.0.2/24], namespace: faults-green, physAddress: "02:00:00:00:00:02",
      veth: { peerIfName: left } }
routes:
  - { name: r, namespace: faults-blue, interface: left, dstIpAddr: 10.2.0.0/16, gwAddr: 10.1.0.2, metric: 10 }
arpEntries:
  - { name: a, namespace: faults-blue, interface: left, ipAddr: 10.1.0.9, hwAddress: "02:00:00:00:00:09" }
`,
  // Under the same name, and other in everything that an apply can change: renamed, moved, gone, new.
  "changed/faults.yaml": `
name: faults
namespaces: [faults-red]
interfaces:
  - { name: left, hostIfName: eth1, ipAddresses: [10.1.0.3/24, "fd00::1/64"], namespace: faults-red,
      physAddress: "02:00:00:00:00:01", veth: { peerIfName: right } }
  - { name: right, ipAddresses: [10.1.0.2/24], mtu: 1300, namespace: faults-green, physAddress: "02:00:00:00:00:03",
      veth: { peerIfName: left } }
routes:
  - { name: r, namespace: faults-red, interface: left, default: true, gwAddr: 10.1.0.2 }
`,
};

/** The paths of {@linkcode FILES} in `directory`. */
export function scenarios(directory: string): readonly Scenario[] {
  const [file, changed] = [`${directory}/faults.yaml`, `${directory}/changed/faults.yaml`];
  const add = { args: ["add", NAME], inverse: ["del", NAME], atomic: true };
  const del = { args: ["del", NAME], inverse: ["add", NAME], atomic: true };
  const applied = `$NETNS apply ${file} >/dev/null`;
  return [
    { ...add, name: "add, where nothing is", prepare: "true" },
    { ...add, name: "add", prepare: DIRECTORY },
    { ...add, name: "add, over a stale file", prepare: `${DIRECTORY}; : >/run/netns/${NAME}` },
    { ...del, name: "del", prepare: `ip netns add ${NAME}` },
    { ...del, name: "del, of a stale file", prepare: `${DIRECTORY}; : >/run/netns/${NAME}` },
    {
      name: "apply, where nothing is",
      prepare: "true",
      args: ["apply", file],
      inverse: ["destroy", file],
      atomic: false,
    },
    {
      name: "apply, over another",
      prepare: applied,
      args: ["apply", changed],
      inverse: ["destroy", changed],
      atomic: false,
    },
    { name: "destroy", prepare: applied, args: ["destroy", file], inverse: ["apply", file], atomic: false },
  ];
}

/** What is made to fail: runs of the command, each from a state of its own. */

/** A run of the command, and what mends it when it was cut short. */
export interface Scenario {
  readonly name: string;
  /** A shell script that prepares the empty sandbox; `$NETNS` is the command. */
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

/** A namespace of somebody else's, whose links, addresses and routes must stay in every case. */
export const FOREIGN = "faults-foreign";
const NEIGHBOUR = [
  `ip netns add ${FOREIGN}`,
  `ip -n ${FOREIGN} link add eth0 address 02:00:00:00:00:11 type veth peer name eth1 address 02:00:00:00:00:12`,
  `ip -n ${FOREIGN} link set eth0 up`,
  `ip -n ${FOREIGN} link set eth1 up`,
  `ip -n ${FOREIGN} addr add 10.7.0.1/24 dev eth1`,
  `ip -n ${FOREIGN} route add 10.8.0.0/16 via 10.7.0.2`,
].join("; ");
/** A pair that is in the way of {@linkcode FILES}' `adopted.yaml`. */
const OBSTACLE = "ip netns add faults-blue; " +
  "ip -n faults-blue link add eth0 address 02:00:00:00:00:21 mtu 1400 type veth peer name old address 02:00:00:00:00:22";

/** A TAP of another program in the default namespace, which has a name so that it is looked at. */
const TAP = "ip link del faults-tap 2>/dev/null || true; ip netns attach faults-home $$; " +
  "ip tuntap add dev faults-tap mode tap; ip link set faults-tap address 02:00:00:00:00:31 up; " +
  "ip addr add 10.3.0.1/24 dev faults-tap; ip route add 10.4.0.0/16 via 10.3.0.9; " +
  "ip netns add faults-blue; ip -n faults-blue link set lo up";

/** Up beforehand: apply leaves the loopback link of a namespace up. */
const LOOPBACK = "ip -n faults-blue link set lo up; ip -n faults-green link set lo up";

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
  "tap.yaml": `
interfaces:
  - { name: t, type: AUTO_TAP, tap: { tempIfName: faults-tap }, hostIfName: eth0, namespace: faults-blue,
      ipAddresses: [10.3.0.2/24] }
`,
  "adopted.yaml": `
interfaces:
  - { name: left, hostIfName: eth0, ipAddresses: [10.1.0.1/24], namespace: faults-blue,
      physAddress: "02:00:00:00:00:01", veth: { peerIfName: right } }
  - { name: right, hostIfName: eth1, ipAddresses: [10.1.0.2/24], namespace: faults-green,
      physAddress: "02:00:00:00:00:02", veth: { peerIfName: left } }
`,
};

/** What is made of {@linkcode FILES} in `directory`. */
export function scenarios(directory: string): readonly Scenario[] {
  const [file, changed] = [`${directory}/faults.yaml`, `${directory}/changed/faults.yaml`];
  const [adopted, tap] = [`${directory}/adopted.yaml`, `${directory}/tap.yaml`];
  const add = { args: ["add", NAME], inverse: ["del", NAME], atomic: true };
  const del = { args: ["del", NAME], inverse: ["add", NAME], atomic: true };
  const applied = `$NETNS apply ${file} >/dev/null`;
  return [
    { ...add, name: "add, where nothing is", prepare: "true" },
    { ...add, name: "add", prepare: DIRECTORY },
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
      prepare: `${NEIGHBOUR}; ${applied}`,
      args: ["apply", changed],
      inverse: ["destroy", changed],
      atomic: false,
    },
    {
      name: "destroy",
      prepare: `${NEIGHBOUR}; ${applied}`,
      args: ["destroy", file],
      inverse: ["apply", file],
      atomic: false,
    },
    {
      name: "apply --adopt",
      prepare: `${NEIGHBOUR}; ${OBSTACLE}; ip netns add faults-green; ${LOOPBACK}`,
      args: ["apply", "--adopt", adopted],
      inverse: ["destroy", adopted],
      atomic: false,
    },
    {
      name: "destroy, of what was adopted",
      prepare:
        `${NEIGHBOUR}; ${OBSTACLE}; ip netns add faults-green; ${LOOPBACK}; $NETNS apply --adopt ${adopted} >/dev/null`,
      args: ["destroy", adopted],
      inverse: ["apply", "--adopt", adopted],
      atomic: false,
    },
    {
      name: "apply, of a TAP",
      prepare: `${NEIGHBOUR}; ${TAP}`,
      args: ["apply", tap],
      inverse: ["destroy", tap],
      atomic: false,
    },
    {
      name: "destroy, of a TAP",
      prepare: `${NEIGHBOUR}; ${TAP}; $NETNS apply ${tap} >/dev/null`,
      args: ["destroy", tap],
      inverse: ["apply", tap],
      atomic: false,
    },
    {
      name: "apply --atomic",
      prepare: `${NEIGHBOUR}; ${applied}`,
      args: ["apply", "--atomic", changed],
      inverse: ["destroy", changed],
      atomic: true,
    },
  ];
}

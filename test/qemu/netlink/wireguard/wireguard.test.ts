/** WireGuard links, which only Debian's kernel has: compared with what `wg` says of them, and used. */
import { spawnSync } from "node:child_process";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { after, before, describe, it } from "@std/testing/bdd";
import { NetlinkError, NsHandle, type Wireguard, type WireguardDevice } from "@netns/netns";
import { traces } from "../../../integration/support/traces.ts";

function run(ns: NsHandle, command: string, args: readonly string[], input = ""): string {
  const { status, stdout, stderr } = ns.run(() => spawnSync(command, args, { encoding: "utf8", input }));
  assertEquals(status, 0, stderr);
  return stdout.trim();
}

/** A private key and its public key. */
function keys(ns: NsHandle): { readonly privateKey: string; readonly publicKey: string } {
  const privateKey = run(ns, "wg", ["genkey"]);
  return { privateKey, publicKey: run(ns, "wg", ["pubkey"], privateKey) };
}

/** A namespace with a WireGuard link `wg0` and a socket. `wg` makes its namespace its own, as users do. */
function wireguardIn(ns: NsHandle): Wireguard {
  run(ns, "ip", ["link", "add", "wg0", "type", "wireguard"]);
  return ns.wireguard();
}

/** What `wg show wg0 dump` says of a device: a line of it and one of each peer, with tabs. */
function dump({ privateKey, publicKey, listenPort, fwmark, peers }: WireguardDevice): string {
  const none = "(none)";
  const lines = [
    [privateKey ?? none, publicKey ?? none, listenPort, fwmark === 0 ? "off" : `0x${fwmark.toString(16)}`],
    ...peers.map((peer) => [
      peer.publicKey,
      peer.presharedKey ?? none,
      peer.endpoint ?? none,
      peer.allowedIps.join(",") || none,
      (peer.latestHandshake ?? 0n) / 1_000_000_000n,
      peer.rxBytes,
      peer.txBytes,
      peer.persistentKeepalive || "off",
    ]),
  ];
  return lines.map((line) => line.join("\t")).join("\n");
}

describe("Wireguard.setDevice(), getDevice()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("sets and says all that wg says, and changes only what it is given", () => {
    using ns = NsHandle.create();
    using wireguard = wireguardIn(ns);
    const same = (): WireguardDevice => {
      const device = wireguard.getDevice({ name: "wg0" });
      assertEquals(dump(device), run(ns, "wg", ["show", "wg0", "dump"]));
      return device;
    };
    assertEquals(same().peers, []);
    const [own, first, second, shared] = [keys(ns), keys(ns), keys(ns), run(ns, "wg", ["genpsk"])];
    wireguard.setDevice({ name: "wg0" }, {
      privateKey: own.privateKey,
      listenPort: 51820,
      fwmark: 42,
      peers: [
        {
          publicKey: first.publicKey,
          presharedKey: shared,
          endpoint: "192.0.2.1:51821",
          persistentKeepalive: 25,
          allowedIps: ["10.0.0.2/32", "2001:db8::/64"],
        },
        { publicKey: second.publicKey, endpoint: "[2001:db8::7]:7", allowedIps: ["10.0.1.0/24"] },
      ],
    });
    const device = same();
    assertEquals([device.publicKey, device.listenPort, device.peers.length], [own.publicKey, 51820, 2]);
    const peer = (publicKey: string) => wireguard.getDevice(device).peers.find((one) => one.publicKey === publicKey);

    wireguard.setDevice(device, { peers: [{ publicKey: first.publicKey, allowedIps: ["10.0.1.0/24"] }] });
    assertEquals(peer(first.publicKey)?.allowedIps.toSorted(), ["10.0.0.2/32", "10.0.1.0/24", "2001:db8::/64"]);
    assertEquals(peer(first.publicKey)?.presharedKey, shared);
    assertEquals(peer(second.publicKey)?.allowedIps, [], "an address has one peer");
    wireguard.setDevice(device, {
      peers: [{ publicKey: first.publicKey, replaceAllowedIps: true, allowedIps: ["10.9.0.0/16"] }],
    });
    assertEquals(peer(first.publicKey)?.allowedIps, ["10.9.0.0/16"]);
    wireguard.setDevice(device, { peers: [{ publicKey: second.publicKey, remove: true }] });
    wireguard.setDevice(device, { peers: [{ publicKey: second.publicKey, updateOnly: true, persistentKeepalive: 1 }] });
    assertEquals(same().peers.map(({ publicKey }) => publicKey), [first.publicKey]);
    wireguard.setDevice(device, { replacePeers: true, peers: [{ publicKey: second.publicKey }] });
    assertEquals(same().peers.map(({ publicKey }) => publicKey), [second.publicKey]);
    wireguard.setDevice(device, { privateKey: `${"A".repeat(43)}=`, listenPort: 0, fwmark: 0, replacePeers: true });
    assertEquals([same().privateKey, same().peers], [undefined, []]);
  });

  it("says what wg set, and more peers and addresses than one message holds", () => {
    using ns = NsHandle.create();
    using wireguard = wireguardIn(ns);
    const key = (i: number): string => btoa(String.fromCharCode(i & 255, i >> 8, ...new Array<number>(30).fill(9)));
    const many = Array.from({ length: 2500 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
    const peers = Array.from({ length: 600 }, (_, i) => ({
      publicKey: key(i),
      allowedIps: i === 300 ? many : [`172.16.${i >> 8}.${i & 255}/32`],
    }));
    wireguard.setDevice({ name: "wg0" }, { peers });
    const device = wireguard.getDevice({ name: "wg0" });
    assertEquals(device.peers.length, 600);
    const large = device.peers.find(({ publicKey }) => publicKey === key(300));
    assertEquals(large?.allowedIps.toSorted(), many.toSorted());
    assertEquals(dump(device), run(ns, "wg", ["show", "wg0", "dump"]));
  });

  it("refuses a link of another kind, and shows no key in an error", () => {
    using ns = NsHandle.create();
    using wireguard = wireguardIn(ns);
    const { privateKey } = keys(ns);
    const codeOf = (call: () => unknown): string => {
      const { code, message } = assertThrows(call, NetlinkError);
      assert(!message.includes(privateKey));
      return code;
    };
    assertEquals(codeOf(() => wireguard.getDevice({ name: "lo" })), "EOPNOTSUPP");
    assertEquals(codeOf(() => wireguard.setDevice({ name: "lo" }, { privateKey })), "EOPNOTSUPP");
    assertEquals(codeOf(() => wireguard.setDevice({ name: "nosuch" }, { privateKey })), "ENODEV");
  });
});

describe("a WireGuard tunnel", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("carries packets between two namespaces, after a handshake", () => {
    using left = NsHandle.create();
    using right = NsHandle.create();
    using netlink = left.netlink();
    netlink.addLink({ kind: "veth", name: "v0", peer: { name: "v0", netns: right } });
    const ends = [{ ns: left, host: 1 }, { ns: right, host: 2 }] as const;
    const all = ends.map((end) => ({ ...end, keys: keys(end.ns) }));
    for (const { ns, host, keys: own } of all) {
      using wireguard = wireguardIn(ns);
      const other = all.find((one) => one.host !== host)?.keys.publicKey ?? "";
      const far = 3 - host;
      wireguard.setDevice({ name: "wg0" }, {
        privateKey: own.privateKey,
        listenPort: 51820,
        peers: [{ publicKey: other, endpoint: `192.0.2.${far}:51820`, allowedIps: [`10.0.0.${far}/32`] }],
      });
      using inside = ns.netlink();
      for (const [name, cidr] of [["v0", `192.0.2.${host}/24`], ["wg0", `10.0.0.${host}/24`]] as const) {
        const { index } = inside.getLink({ name });
        inside.addAddress({ index }, cidr);
        inside.setLink({ index }, { up: true });
      }
    }
    run(left, "ping", ["-c", "3", "-W", "20", "10.0.0.2"]);
    using wireguard = left.wireguard();
    const [peer] = wireguard.getDevice({ name: "wg0" }).peers;
    assert(peer?.latestHandshake !== undefined && peer.rxBytes > 0n && peer.txBytes > 0n);
    assert(Math.abs(Date.now() - Number(peer.latestHandshake / 1_000_000n)) < 120_000);
    assertEquals(peer.endpoint, "192.0.2.2:51820");
  });
});

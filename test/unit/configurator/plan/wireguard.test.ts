import { describe, it } from "@std/testing/bdd";
import { assert, assertEquals } from "@std/assert";
import { describedDevice, peerOfItself, wireguardChanges } from "../../../../src/configurator/plan/wireguard.ts";
import { publicKeyOf } from "../../../../src/netlink/wireguard/public_key.ts";
import type { WireguardDevice, WireguardPeer } from "../../../../src/netlink/wireguard/types.ts";

const keyOf = (digit: string): string => `${digit.repeat(42)}A=`;
const [KEY, PEER, OTHER, SHARED] = [keyOf("a"), keyOf("b"), keyOf("c"), keyOf("d")];

/** What `wg pubkey` prints of KEY. */
const PUBLIC = "XXFglZ02yFqY9OtvtcO7ZEl7TlQQINcksYAJDgxz4WE=";

const peer = (fields: Partial<WireguardPeer> = {}): WireguardPeer => ({
  publicKey: PEER,
  persistentKeepalive: 0,
  rxBytes: 0n,
  txBytes: 0n,
  allowedIps: ["10.0.0.2/32", "10.1.0.0/16"],
  endpoint: "192.0.2.1:1",
  ...fields,
});
const device = (...peers: WireguardPeer[]): WireguardDevice => (
  { index: 7, name: "wg0", privateKey: KEY, listenPort: 1, fwmark: 0, peers }
);
const wanted = { publicKey: PEER, endpoint: "192.0.2.1:1", allowedIps: ["10.1.0.0/16", "10.0.0.2/32"] };

describe("wireguardChanges()", () => {
  it("finds nothing to do where all is as described, in whatever order", () => {
    assertEquals(wireguardChanges({ privateKey: KEY, listenPort: 1, fwmark: 0, peers: [wanted] }, device(peer())), []);
    assertEquals(wireguardChanges({}, device(peer())), []);
  });

  it("finds nothing to do where the kernel keeps a private key without the bits that it makes no use of", () => {
    const all = `${"/".repeat(42)}8=`; // 32 bytes of which every bit is set
    const kept = `+P${"/".repeat(39)}38=`;
    assertEquals(wireguardChanges({ privateKey: all }, { ...device(), privateKey: kept }), []);
    assertEquals(wireguardChanges({ privateKey: all }, { ...device(), privateKey: OTHER }).length, 1);
  });

  it("refuses a peer that is the link itself, of which the kernel says nothing", () => {
    assertEquals(publicKeyOf(KEY), PUBLIC);
    assertEquals(peerOfItself({ privateKey: KEY, peers: [{ publicKey: PEER }, { publicKey: PUBLIC }] }), {
      reason: "wireguard.peers[1] has the public key of the link itself: the kernel keeps no such peer",
      hint: "give the peer its own key",
    });
    assertEquals(peerOfItself({ privateKey: KEY, peers: [{ publicKey: PEER }] }), undefined);
    assertEquals(peerOfItself({ peers: [{ publicKey: PUBLIC }] }), undefined);
  });

  it("changes peers in place, and removes the others first", () => {
    const has = device(peer({ allowedIps: ["10.0.0.2/32"] }), peer({ publicKey: OTHER }));
    assertEquals(wireguardChanges({ peers: [wanted] }, has).map(({ change }) => change), [
      { peers: [{ publicKey: OTHER, remove: true }] },
      { peers: [{ publicKey: PEER, allowedIps: wanted.allowedIps, replaceAllowedIps: true }] },
    ]);
  });

  it("leaves a peer that roams where it was heard", () => {
    const now = 1_000_000_000_000n;
    const roaming = (seconds: bigint): WireguardDevice => (
      device(peer({ endpoint: "198.51.100.1:1", latestHandshake: now - seconds * 1_000_000_000n }))
    );
    assertEquals(wireguardChanges({ peers: [wanted] }, roaming(10n), now), []);
    assertEquals(wireguardChanges({ peers: [wanted] }, roaming(200n), now).length, 1);
  });

  it("says what it does without any key", () => {
    const steps = [
      ...wireguardChanges({ privateKey: KEY, peers: [{ ...wanted, presharedKey: SHARED }] }),
      ...wireguardChanges({ privateKey: KEY, listenPort: 9, peers: [] }, {
        ...device(peer()),
        privateKey: OTHER,
      }),
      ...wireguardChanges({ peers: [{ publicKey: PEER, presharedKey: SHARED }] }, device(peer())),
    ];
    const texts = steps.map(({ text, from }) => `${from} > ${text}`);
    assertEquals(texts, [
      "null > its private key",
      "null > peer for 10.1.0.0/16, 10.0.0.2/32 at 192.0.2.1:1, with its preshared key",
      "peer for 10.0.0.2/32, 10.1.0.0/16 at 192.0.2.1:1 > no peer for 10.0.0.2/32, 10.1.0.0/16 at 192.0.2.1:1",
      "listenPort 1 > its private key, listenPort 9",
      "peer for 10.0.0.2/32, 10.1.0.0/16 at 192.0.2.1:1 > peer without networks, with its preshared key",
    ]);
    for (const key of [KEY, PEER, OTHER, SHARED]) assert(!texts.join().includes(key));
  });
});

describe("describedDevice()", () => {
  it("says why a key cannot be read, and not what the file has", () => {
    const missing = describedDevice({ privateKeyFile: "/nowhere/wg.key" });
    assert("reason" in missing && missing.reason.includes("/nowhere/wg.key"));
    const other = describedDevice({ peers: [{ publicKey: PEER, presharedKeyFile: "/proc/self/comm" }] });
    assertEquals(other, {
      reason: "/proc/self/comm has no key of WireGuard: expected 44 digits of base64",
      hint: "write a key into it with: wg genkey, or wg genpsk",
    });
  });
});

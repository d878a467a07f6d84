import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { genericMessage } from "../../../../src/netlink/generic/message.ts";
import { endpoint } from "../../../../src/netlink/wireguard/endpoint.ts";
import { keyBytes, keyText, NO_KEY } from "../../../../src/netlink/wireguard/keys.ts";
import { device, type DeviceAttributes } from "../../../../src/netlink/wireguard/message.ts";
import { deviceOf } from "../../../../src/netlink/wireguard/reply.ts";
import { changeMessages } from "../../../../src/netlink/wireguard/request.ts";
import { MalformedMessageError } from "../../../../src/netlink/wire/malformed.ts";
import { checkTruncated, checkVector, hex, read, written } from "../check.ts";
import { KEYS, WIREGUARD } from "./vectors.ts";
import { untyped } from "../../../support/untyped.ts";

const message = genericMessage(device);

/** The bytes of the only request of a change of `wg0`. */
function encoded(change: Parameters<typeof changeMessages>[0]): string {
  const [attributes, ...more] = changeMessages(change);
  assertEquals(more, []);
  return hex(message.encode({ command: 1, version: 1, attributes: { name: "wg0", ...attributes } }));
}

describe("device", () => {
  it("reads what the kernel and wg wrote, and writes the same bytes", () => {
    checkVector(message, WIREGUARD.device, {
      attributes: { index: 2, name: "wg0", listenPort: 51820, peers: [{ publicKey: KEYS.publicShared }] },
    });
    for (const one of [WIREGUARD.getDevice, WIREGUARD.setDevice, WIREGUARD.removePeer, WIREGUARD.emptyDevice]) {
      checkVector(message, one, {});
    }
    checkTruncated((bytes) => deviceOf([message.decode(bytes).attributes]), WIREGUARD.device);
  });
});

describe("deviceOf()", () => {
  it("gives a device with its peers, as wg shows them", () => {
    const { privateKey, publicKey, ...rest } = deviceOf([message.decode(WIREGUARD.device.bytes).attributes]);
    assertEquals([privateKey?.length, publicKey], [44, "oySw2eQ3osAkEZBjVK6vYNbOurTIvp+vbuzqyfHAmH8="]);
    assertEquals(rest, {
      index: 2,
      name: "wg0",
      listenPort: 51820,
      fwmark: 42,
      peers: [
        {
          publicKey: KEYS.publicShared,
          presharedKey: KEYS.shared,
          endpoint: "192.0.2.1:51821",
          persistentKeepalive: 25,
          rxBytes: 0n,
          txBytes: 0n,
          allowedIps: ["10.0.0.2/32", "2001:db8::/64"],
          protocolVersion: 1,
        },
        {
          publicKey: KEYS.publicDevice,
          endpoint: "[2001:db8::7]:7",
          persistentKeepalive: 0,
          rxBytes: 0n,
          txBytes: 0n,
          allowedIps: [],
          protocolVersion: 1,
        },
      ],
    });
    assertEquals(deviceOf([message.decode(WIREGUARD.emptyDevice.bytes).attributes]), {
      index: 3,
      name: "wg1",
      listenPort: 0,
      fwmark: 0,
      peers: [],
    });
  });

  it("puts the pieces of a peer together, and knows when the last handshake was", () => {
    const piece = (publicKey: string, ...addresses: string[]): DeviceAttributes => ({
      peers: [{ publicKey, allowedIps: addresses.map((address) => ({ family: 2, address, prefixLength: 32 })) }],
    });
    const latestHandshake = { seconds: 2n, nanoseconds: 7n };
    const { peers } = deviceOf([
      { name: "wg0", peers: [{ publicKey: KEYS.publicShared, latestHandshake, rxBytes: 5n }] },
      piece(KEYS.publicShared, "10.0.0.1"),
      piece(KEYS.publicShared, "10.0.0.2"),
      piece(KEYS.publicDevice, "10.0.0.3"),
    ]);
    assertEquals(peers.map(({ publicKey, allowedIps }) => [publicKey, allowedIps]), [
      [KEYS.publicShared, ["10.0.0.1/32", "10.0.0.2/32"]],
      [KEYS.publicDevice, ["10.0.0.3/32"]],
    ]);
    assertEquals([peers[0]?.latestHandshake, peers[0]?.rxBytes], [2_000_000_007n, 5n]);
  });
});

describe("changeMessages()", () => {
  it("is what wg sends", () => {
    const change = {
      privateKey: KEYS.device,
      listenPort: 51820,
      fwmark: 42,
      peers: [
        {
          publicKey: KEYS.publicDevice,
          presharedKey: KEYS.shared,
          endpoint: "192.0.2.1:51821",
          persistentKeepalive: 25,
          replaceAllowedIps: true,
          allowedIps: ["10.0.0.2", "2001:db8::/64"],
        },
        {
          publicKey: KEYS.publicShared,
          endpoint: "[2001:db8::7]:7",
          replaceAllowedIps: true,
          allowedIps: [],
        },
      ],
    };
    assertEquals(encoded(change), hex(WIREGUARD.setDevice.bytes));
    assertEquals(encoded({ peers: [{ publicKey: KEYS.publicShared, remove: true }] }), hex(WIREGUARD.removePeer.bytes));
  });

  it("spreads many peers, and many addresses of a peer, over requests that are short enough", () => {
    const many = Array.from({ length: 3000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`);
    const peers = Array.from({ length: 2000 }, (_, i) => {
      const bytes = Uint8Array.from({ length: 32 }, (_, at) => at === 0 ? i & 255 : at === 1 ? i >> 8 : 1);
      return { publicKey: keyText(bytes), allowedIps: i === 1000 ? many : [`fd00::${i.toString(16)}`] };
    });
    const messages = changeMessages({ privateKey: KEYS.device, replacePeers: true, peers });
    assert(messages.length > 5);
    for (const attributes of messages) assert(message.encode({ command: 1, version: 1, attributes }).length < 65536);
    assertEquals(messages.map(({ flags }) => flags), messages.map((_, i) => i === 0 ? 1 : undefined));
    assertEquals(messages.filter(({ privateKey }) => privateKey !== undefined).length, 1);
    const pieces = messages.flatMap(({ peers = [] }) => peers).filter(({ publicKey }) =>
      publicKey === peers[1000]?.publicKey
    );
    assertEquals(pieces.map(({ flags }) => flags), pieces.map((_, i) => i === 0 ? undefined : 4));
    const whole = deviceOf(messages);
    assertEquals(whole.peers.map(({ publicKey }) => publicKey), peers.map(({ publicKey }) => publicKey));
    assertEquals(whole.peers[1000]?.allowedIps, many);
  });

  it("refuses what is no key, and never shows it", () => {
    const secret = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI=";
    for (const wrong of [secret.slice(1), `${secret} `, secret.replace("=", ""), secret.replace("I=", "J="), "", 7]) {
      for (
        const change of [
          { privateKey: wrong },
          { peers: [{ publicKey: wrong }] },
          { peers: [{ publicKey: KEYS.publicDevice, presharedKey: wrong }] },
          { peers: [wrong] },
          { peers: wrong },
        ]
      ) {
        const { message } = assertThrows(() => changeMessages(untyped(change)), TypeError, "Cannot use what was given");
        assert(!message.includes("c2Vj") && !message.includes("2VjcmV0"), message);
      }
    }
  });

  it("refuses fields that there are not, and what is no endpoint or address", () => {
    const { publicDevice: publicKey } = KEYS;
    const wrong: readonly (readonly [text: string, change: unknown])[] = [
      ['"privatKey"', { privatKey: KEYS.device }],
      ['"allowedIPs"', { peers: [{ publicKey, allowedIPs: [] }] }],
      ["peers[0].allowedIps[0]: expected an address with a length", {
        peers: [{ publicKey, allowedIps: ["10.0.0.0/33"] }],
      }],
      ["peers[0].allowedIps[0]", { peers: [{ publicKey, allowedIps: [7] }] }],
    ];
    for (const [text, change] of wrong) assertThrows(() => changeMessages(untyped(change)), TypeError, text);
    for (const text of ["192.0.2.1", "192.0.2.1:", "2001:db8::1:7", "[192.0.2.1]:7", "a:7", "[::1]7", ""]) {
      assertThrows(() => written(endpoint, text), TypeError, "expected an address and a port");
    }
    assertThrows(() => written(endpoint, "192.0.2.1:65536"), RangeError);
  });
});

describe("changeMessages(), of what untyped code gives", () => {
  const { publicShared: publicKey } = KEYS;

  it("says at which peer what is wrong stands", () => {
    const peers = (peer: unknown) => untyped<Parameters<typeof changeMessages>[0]>({ peers: [{ publicKey }, peer] });
    const wrong: readonly (readonly [said: string, peer: unknown])[] = [
      ["as peers[1]: expected an object", null],
      ["as peers[1].publicKey: expected 44 digits", {}],
      ["as peers[1].presharedKey: expected 44 digits", { publicKey, presharedKey: 5 }],
      ["as peers[1].endpoint: expected an address and a port", { publicKey, endpoint: "192.0.2.1:65536" }],
      ["as peers[1].endpoint: expected an address and a port", { publicKey, endpoint: "[fe80::1%4294967296]:1" }],
      ["as peers[1].persistentKeepalive: expected a whole number", { publicKey, persistentKeepalive: "25" }],
      ["as peers[1].allowedIps: expected a list", { publicKey, allowedIps: "10.0.0.0/8" }],
      ["as peers[1].allowedIps[1]: expected an address", { publicKey, allowedIps: ["10.0.0.0/8", "10.0.0.0/33"] }],
      ["as peers[1].remove: expected true or false", { publicKey, remove: 1 }],
      ["as a field of peers[1]: ", { publicKey, keepalive: 1 }],
    ];
    for (const [said, peer] of wrong) assertThrows(() => changeMessages(peers(peer)), Error, said);
  });

  it("takes a device as it was listed", () => {
    const listed = deviceOf([{
      index: 2,
      name: "wg0",
      privateKey: KEYS.publicDevice,
      publicKey,
      listenPort: 51820,
      peers: [{
        publicKey,
        endpoint: "192.0.2.1:1",
        latestHandshake: { seconds: 1n, nanoseconds: 2n },
        rxBytes: 3n,
        txBytes: 4n,
        allowedIps: [{ address: "10.0.0.0", prefixLength: 8 }],
        protocolVersion: 1,
      }],
    }]);
    const { index: _, name: __, publicKey: ___, peers, ...settings } = listed;
    const [{ publicKey: key, endpoint, persistentKeepalive, allowedIps } = { publicKey: "" }] = peers;
    const same = { ...settings, peers: [{ publicKey: key, endpoint, persistentKeepalive, allowedIps }] };
    assertEquals(changeMessages(listed), changeMessages(same));
  });
});

describe("endpoint", () => {
  it("is a struct sockaddr_in or sockaddr_in6, with the link of a link-local address", () => {
    for (const text of ["192.0.2.1:51820", "[2001:db8::1]:1", "[fe80::1%4]:65535"]) {
      assertEquals(read(endpoint, ...written(endpoint, text)), text);
    }
    assertEquals(written(endpoint, "192.0.2.1:258").length, 16);
    assertEquals(written(endpoint, "[::1]:258").length, 28);
    assertThrows(() => read(endpoint, 1, 0, 0, 0), MalformedMessageError, "family 1");
  });
});

describe("keyBytes()", () => {
  it("reads what keyText() writes", () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, i) => i * 8);
    assertEquals(keyBytes(keyText(bytes), "key"), bytes);
    assertEquals(NO_KEY, `${"A".repeat(43)}=`);
  });
});

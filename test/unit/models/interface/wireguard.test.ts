import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import { checkConfig } from "../../../../src/models/config.ts";
import { faults } from "../faults.ts";

const KEY = "YAnz5TF+lXXJte14tji3zlMNftFd+8gFmz3G/kdvLH4=";
const OTHER = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";

const document = (wireguard: Record<string, unknown>): unknown => ({
  interfaces: [{ name: "wg0", type: "WIREGUARD", wireguard }],
});
const read = (wireguard: Record<string, unknown>, path?: string): unknown =>
  checkConfig(document(wireguard), { path }).interfaces[0]?.wireguard;

describe("wireguardSchema", () => {
  it("reads keys, ports, peers, and writes endpoints and networks in canonical text", () => {
    assertEquals(
      read({
        private_key_file: "/etc/wg.key",
        listen_port: 51820,
        fw_mark: 5,
        birth_namespace: "blue",
        peers: [{
          public_key: KEY,
          preshared_key_file: "/etc/wg.psk",
          endpoint: "[2001:db8:0::1]:51820",
          allowed_ips: ["10.0.0.2", "10.1.2.3/16", "::/0"],
          persistent_keepalive: 25,
        }],
      }),
      {
        privateKeyFile: "/etc/wg.key",
        listenPort: 51820,
        fwMark: 5,
        birthNamespace: { type: 2, name: "blue" },
        peers: [{
          publicKey: KEY,
          presharedKeyFile: "/etc/wg.psk",
          endpoint: "[2001:db8::1]:51820",
          allowedIps: ["10.0.0.2/32", "10.1.0.0/16", "::/0"],
          persistentKeepalive: 25,
        }],
      },
    );
  });

  it("takes a relative path of a key as one beside the file", () => {
    const peers = [{ publicKey: KEY, presharedKeyFile: "psk" }];
    assertEquals(read({ privateKeyFile: "wg.key", peers }, "/etc/netns/lab.yaml"), {
      privateKeyFile: "/etc/netns/wg.key",
      peers: [{ publicKey: KEY, presharedKeyFile: "/etc/netns/psk" }],
    });
    assertEquals(read({ privateKeyFile: "wg.key" }), { privateKeyFile: "wg.key" });
  });

  it("refuses what is no key, no endpoint, and what stands twice", () => {
    const one = (wireguard: Record<string, unknown>, path: string): void => {
      const found = faults(document(wireguard));
      assertEquals(found.map((line) => line.slice(0, line.indexOf(": "))), [`interfaces[0].wireguard.${path}`]);
    };
    one({ privateKey: "x" }, "privateKey");
    one({ privateKey: `${"A".repeat(43)}=` }, "privateKey");
    one({ privateKey: KEY, privateKeyFile: "/k" }, "privateKey");
    one({ peers: [{ publicKey: KEY, endpoint: "example.org:1" }] }, "peers[0].endpoint");
    one({ peers: [{ publicKey: KEY, endpoint: "10.0.0.1:0" }] }, "peers[0].endpoint");
    one({ peers: [{ publicKey: KEY, endpoint: "fd00::1:5" }] }, "peers[0].endpoint");
    one({ peers: [{ publicKey: KEY }, { publicKey: KEY }] }, "peers");
    const allowedIps = ["10.0.0.0/24"];
    one({ peers: [{ publicKey: KEY, allowedIps }, { publicKey: OTHER, allowedIps }] }, "peers");
  });
});

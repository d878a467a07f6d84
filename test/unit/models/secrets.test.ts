import { describe, it } from "@std/testing/bdd";
import { assert, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/errors.ts";
import { checkConfig, parseConfig } from "../../../src/models/config.ts";

const KEY = "YAnz5TF+lXXJte14tji3zlMNftFd+8gFmz3G/kdvLH4=";

/** A fault is found, and neither its text nor its values have the key. */
function hides(act: () => unknown, secret = KEY): void {
  const error = assertThrows(act, ConfigError);
  const text = error.message + JSON.stringify(error.issues);
  assert(!text.includes(secret), text);
}

describe("withoutSecrets()", () => {
  it("hides keys, wherever they stand and however their fields are spelt", () => {
    const wireguards: readonly unknown[] = [
      { privateKey: KEY, privatKey: KEY },
      { privatekey: KEY },
      { privateKey: ` ${KEY}` },
      { peers: [{ publicKey: "x", presharedKey: KEY }] },
      { peers: { presharedKeyFile: KEY, a: { b: [[KEY]] } } },
      [KEY],
      KEY,
    ];
    for (const wireguard of wireguards) {
      hides(() => checkConfig({ interfaces: [{ name: "wg0", type: "WIREGUARD", wireguard }] }));
      hides(() => checkConfig({ interfaces: [{ name: "wg0", type: "BOND", wireguard }] }));
      hides(() => checkConfig({ [`x${KEY}`.slice(0, 2)]: wireguard }));
    }
    for (const privateKey of ["a secret that is no key", `${KEY}${KEY}`]) {
      const wireguard = { privateKey };
      hides(() => checkConfig({ interfaces: [{ name: "wg0", type: "WIREGUARD", wireguard }] }), privateKey);
    }
  });

  it("hides keys in a text that is no YAML", () => {
    hides(() => parseConfig(`interfaces: [{ name: wg0, wireguard: { privateKey: "${KEY}" }`));
    hides(() => parseConfig(`interfaces:\n  - privateKey: "no key\n`), "no key");
    hides(() => parseConfig(`{ key: [${KEY} }`));
  });

  it("shows what is no secret", () => {
    const wireguard = { privateKeyFile: 7 };
    const error = assertThrows(
      () => checkConfig({ interfaces: [{ name: "w", type: "WIREGUARD", wireguard }] }),
      ConfigError,
    );
    assert(error.message.includes("privateKeyFile: 7"), error.message);
  });
});

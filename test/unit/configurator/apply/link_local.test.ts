import { assert, assertMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { randomHardwareAddress } from "../../../../src/configurator/apply/link_local.ts";

describe("randomHardwareAddress()", () => {
  it("gives locally administered addresses of single links, each another", () => {
    const addresses = Array.from({ length: 100 }, randomHardwareAddress);
    for (const address of addresses) assertMatch(address, /^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/);
    assert(new Set(addresses).size === addresses.length);
  });
});

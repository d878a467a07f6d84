import { assertEquals, assertObjectMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { neighbourMessage } from "../../../../src/netlink/neighbour/message.ts";
import { decodeNeighbour } from "../../../../src/netlink/neighbour/reply.ts";
import { deleteNeighbourRequest, newNeighbourRequest } from "../../../../src/netlink/neighbour/request.ts";
import type { NeighbourSpec } from "../../../../src/netlink/neighbour/types.ts";
import { checkTruncated, checkVector, hex } from "../check.ts";
import { NEIGHBOURS } from "./vectors.ts";

describe("neighbourMessage", () => {
  it("reads what the kernel wrote, and writes the same bytes", () => {
    checkVector(neighbourMessage, NEIGHBOURS.neighbour4, {
      family: 2,
      index: 10,
      state: 0x80,
      attributes: { dst: "10.0.0.9", address: "02:00:00:00:00:09" },
    });
    checkVector(neighbourMessage, NEIGHBOURS.neighbour6, { family: 10, attributes: { dst: "2001:db8::9" } });
  });

  it("reads what ip wrote, and writes the same bytes", () => {
    checkVector(neighbourMessage, NEIGHBOURS.addNeighbour, { state: 0x80 });
    checkVector(neighbourMessage, NEIGHBOURS.replaceNeighbour, { state: 0x04 });
    checkVector(neighbourMessage, NEIGHBOURS.deleteNeighbour, { attributes: { dst: "10.0.0.9" } });
  });

  it("reads and writes proxies, routers, and what is managed or learned elsewhere", () => {
    for (const name of ["proxy", "router", "managed", "external"] as const) {
      checkVector(neighbourMessage, NEIGHBOURS[name], { index: 10 });
    }
    for (const name of ["addProxy", "addRouter", "addManaged", "addExternal"] as const) {
      checkVector(neighbourMessage, NEIGHBOURS[name], { index: 10 });
    }
  });

  it("gives a value or a MalformedMessageError for a message that is cut short", () => {
    checkTruncated(decodeNeighbour, NEIGHBOURS.neighbour4);
    checkTruncated(decodeNeighbour, NEIGHBOURS.neighbour6);
  });
});

describe("decodeNeighbour()", () => {
  it("reads a neighbour", () => {
    assertEquals(decodeNeighbour(NEIGHBOURS.neighbour4.bytes), {
      linkIndex: 10,
      family: 2,
      ip: "10.0.0.9",
      address: "02:00:00:00:00:09",
      state: "permanent",
      proxy: false,
      flags: 0,
    });
    assertObjectMatch(decodeNeighbour(NEIGHBOURS.neighbour6.bytes) ?? {}, { ip: "2001:db8::9", state: "stale" });
  });

  it("reads its flags, and no address of a link without such addresses", () => {
    assertObjectMatch(decodeNeighbour(NEIGHBOURS.proxy.bytes) ?? {}, { ip: "10.0.0.20", proxy: true });
    assertObjectMatch(decodeNeighbour(NEIGHBOURS.router.bytes) ?? {}, { router: true, protocol: 4 });
    assertObjectMatch(decodeNeighbour(NEIGHBOURS.managed.bytes) ?? {}, { managed: true });
    assertObjectMatch(decodeNeighbour(NEIGHBOURS.external.bytes) ?? {}, { external: true });
    // NUD_NOARP on a tun: NDA_DST, and an NDA_LLADDR of no bytes
    const body = Uint8Array.of(2, 0, 0, 0, 3, 0, 0, 0, 0x40, 0, 0, 0, 8, 0, 1, 0, 10, 0, 0, 9, 4, 0, 2, 0);
    assertEquals("address" in (decodeNeighbour(body) ?? {}), false);
  });

  it("gives the number of a state that has no name", () => {
    const both = NEIGHBOURS.neighbour4.bytes.slice();
    both[8] = 0xc0; // NUD_PERMANENT | NUD_NOARP
    assertEquals(decodeNeighbour(both)?.state, 0xc0);
  });

  it("skips an entry of a bridge, which has no IP address", () => {
    const entry = Uint8Array.of(7, 0, 0, 0, 3, 0, 0, 0, 0x80, 0, 0, 0, 10, 0, 2, 0, 2, 0, 0, 0, 0, 9, 0, 0);
    assertEquals(decodeNeighbour(entry), undefined);
  });
});

describe("newNeighbourRequest()", () => {
  it("writes what ip writes", () => {
    const add = newNeighbourRequest({ linkIndex: 10, ip: "10.0.0.9", address: "02:00:00:00:00:09" }, false);
    assertEquals(hex(add.body), hex(NEIGHBOURS.addNeighbour.bytes));
    assertEquals(add.flags, 0x600); // NLM_F_CREATE | NLM_F_EXCL
    const stale = { linkIndex: 10, ip: "2001:db8::9", address: "02:00:00:00:00:0a", state: "stale" } as const;
    const replace = newNeighbourRequest(stale, true);
    assertEquals(hex(replace.body), hex(NEIGHBOURS.replaceNeighbour.bytes));
    assertEquals(replace.flags, 0x500); // NLM_F_CREATE | NLM_F_REPLACE
    const same = (spec: NeighbourSpec, name: keyof typeof NEIGHBOURS): void =>
      assertEquals(
        neighbourMessage.decode(newNeighbourRequest(spec, false).body),
        neighbourMessage.decode(NEIGHBOURS[name].bytes),
        NEIGHBOURS[name].command,
      );
    same({ linkIndex: 10, ip: "10.0.0.20", proxy: true }, "addProxy");
    same({ linkIndex: 10, ip: "2001:db8::20", address: "02:00:00:00:00:20", router: true, protocol: 4 }, "addRouter");
    same({ linkIndex: 10, ip: "10.0.0.21", managed: true }, "addManaged");
    same({ linkIndex: 10, ip: "10.0.0.22", address: "02:00:00:00:00:22", external: true }, "addExternal");
  });
});

describe("deleteNeighbourRequest()", () => {
  it("writes what ip writes, but for the state, which the kernel does not read", () => {
    const { body } = deleteNeighbourRequest({ linkIndex: 10, ip: "10.0.0.9" });
    const ips = NEIGHBOURS.deleteNeighbour.bytes.slice();
    ips[8] = 0;
    assertEquals(hex(body), hex(ips));
  });
});

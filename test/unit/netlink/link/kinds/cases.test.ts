import { assert, assertEquals, assertObjectMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import type { LinkSpec } from "@netns/netns";
import { specWithIndexes } from "../../../../../src/netlink/link/indexes.ts";
import { KINDS, type LinkKind } from "../../../../../src/netlink/link/kinds/link_spec.ts";
import { linkMessage } from "../../../../../src/netlink/link/message.ts";
import { labelOf, type LinkRef } from "../../../../../src/netlink/link/ref.ts";
import { decodeLink } from "../../../../../src/netlink/link/reply.ts";
import { addLinkRequest } from "../../../../../src/netlink/link/request.ts";
import { attributes } from "../../../../../src/netlink/wire/attributes.ts";
import { Reader } from "../../../../../src/netlink/wire/buffers.ts";
import { checkTruncated, hex } from "../../check.ts";
import { CASES, type KindCase } from "./cases.ts";
import { KIND_VECTORS } from "./vectors.ts";

const INDEXES: Readonly<Record<string, number>> = { v0: 10, d0: 20, d1: 21 };

/** A specification with the indexes of the links that it names. */
function indexed(spec: LinkSpec): LinkSpec {
  return specWithIndexes(spec, (link: LinkRef) => INDEXES[labelOf(link)] ?? 0);
}

/** The attributes of IFLA_INFO_DATA by number, in hexadecimal. */
function attributesIn(data: Uint8Array = new Uint8Array(0)): Record<number, string> {
  const { unknown = [] } = attributes({}).read(new Reader(data));
  return Object.fromEntries(unknown.map(({ type, bytes }) => [type & 0x3fff, hex(bytes)]));
}

/** What a message says of the kind of the link, and of the link below. */
function kindOf(body: Uint8Array) {
  const { link, info } = linkMessage.decode(body).attributes;
  return { kind: info?.kind, link, data: attributesIn(info?.data) };
}

describe("addLinkRequest() of every kind", () => {
  for (const [index, { spec, command, unlike }] of CASES.entries()) {
    it(`writes what ip writes: ${command}`, () => {
      const vector = KIND_VECTORS[index]?.request;
      assert(vector?.command === `ip ${command}`, "the vectors are in the order of the cases");
      const [ours, ips] = [kindOf(addLinkRequest(indexed(spec)).body), kindOf(vector.bytes)];
      if (unlike === undefined) return assertEquals(ours, ips);
      assertEquals([ours.kind, ours.link], [ips.kind, ips.link]);
      for (const [type, content] of Object.entries(ours.data)) {
        if (spec.kind === "netkit" && type === "1") continue; // the other end
        assertEquals(content, ips.data[Number(type)], `attribute ${type}`);
      }
    });
  }

  it("has a case of every kind that addLink() makes", () => {
    const kinds = new Set<string>(CASES.map(({ spec }) => spec.kind));
    const made = [...KINDS.values()].filter(({ probe }) => "spec" in probe).map(({ kind }) => kind);
    assertEquals(made.filter((kind) => !kinds.has(kind)), ["veth"]); // which link.test.ts has
  });
});

/** The case and the data of a link that the kernel listed. */
function* listed(): Generator<{ readonly given: KindCase; readonly body: Uint8Array<ArrayBuffer> }> {
  for (const [index, given] of CASES.entries()) {
    const body = KIND_VECTORS[index]?.reply?.bytes;
    if (body !== undefined) yield { given, body };
  }
}

describe("decodeLink() of every kind", () => {
  for (const { given: { spec, command, unlisted = "" }, body } of listed()) {
    it(`reads what the kernel lists: ${command}`, () => {
      const { name: _name, kind, [unlisted]: _unlisted, ...options }: LinkSpec & Record<string, unknown> = {
        ...indexed(spec),
      };
      const { data, ...link } = decodeLink(body);
      assertEquals([link.name, link.kind], ["x", kind]);
      if (KINDS.get(kind)?.options === undefined) return assertEquals(data, undefined);
      assertObjectMatch(sorted({ ...data }), { kind, ...underItsName(options) });
    });

    it(`sends back what the kernel lists: ${command}`, () => {
      const { data } = decodeLink(body);
      if (data === undefined) return;
      const sent = kindOf(addLinkRequest({ ...(data satisfies LinkKind), name: "x" } as LinkSpec).body);
      const kernels = kindOf(body);
      for (const [type, content] of Object.entries(sent.data)) {
        if (IN_OTHER_WORDS[`${spec.kind} ${type}`] === true) continue;
        assertEquals(content, kernels.data[Number(type)], `attribute ${type}`);
      }
    });

    it(`writes the message as it was: ${command}`, () => {
      assertEquals(hex(linkMessage.encode(linkMessage.decode(body))), hex(body));
      checkTruncated(decodeLink, { from: "kernel", command, bytes: body });
    });
  }
});

/** Attributes that the kernel lists otherwise than it is sent them. */
const IN_OTHER_WORDS: Readonly<Record<string, true>> = {
  "vlan 2": true, // the mask has only the bits that this library knows
  "macvlan 3": true, // what is done with addresses
  "macsec 2": true, // the port of the identifier
  "macsec 4": true, // GCM-AES-128 has two numbers
  "hsr 3": true, // the last byte of an address
  "bridge 46": true, // the mask has only the bits that this library knows
  "ip6gre 13": true, // what the kernel computes of addresses is a flag, too
  "ip6gretap 13": true,
  "ip6erspan 13": true,
  "ip6tnl 8": true,
  "bond 8": true, // positions from 0, and from 1
  "bond 31": true,
  "vxlan 28": true, // a byte in what is listed, none in what is sent
};

/** Addresses in order: the kernel has its own. */
function sorted(data: Readonly<Record<string, unknown>>): object {
  const { macaddrData } = data;
  return Array.isArray(macaddrData) ? { ...data, macaddrData: [...macaddrData].sort() } : data;
}

/** Options as they are listed: an address of IPv6 stands under a name of its own. */
function underItsName(options: object): object {
  const { remote, local, ...rest }: { remote?: string; local?: string } = options;
  const isVxlan = "id" in options;
  const put = (name: string, address: string | undefined): object =>
    address === undefined ? {} : { [isVxlan && address.includes(":") ? `${name}6` : name]: address };
  return { ...rest, ...put("remote", remote), ...put("local", local) };
}

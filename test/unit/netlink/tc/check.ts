/** What every kind of traffic control must do with captured messages. */
import { assertEquals } from "@std/assert";
import type { LinkRef } from "../../../../src/netlink/link/ref.ts";
import { tcMessage } from "../../../../src/netlink/tc/message.ts";
import { bytes } from "../../../../src/netlink/wire/bytes.ts";
import { u16 } from "../../../../src/netlink/wire/numbers.ts";
import { Reader } from "../../../../src/netlink/wire/buffers.ts";
import { hex } from "../check.ts";
import type { Vector } from "../vector.ts";

/** Indexes of links in the captures: v0 is 10, v1 is 11. */
export function indexOf(link: LinkRef): number {
  if (typeof link === "object" && "index" in link) return link.index;
  const name = typeof link === "string" ? link : link.name;
  return Number(name.slice(1)) + 10;
}

/** Attributes in the order of their types: the kernel reads them in any. */
function sorted(encoded: Uint8Array): string[] {
  const input = new Reader(encoded);
  const all: string[] = [];
  while (input.left >= 4) {
    const length = u16.read(input);
    const type = u16.read(input);
    all.push(`${String(type & 0x3fff).padStart(3)}: ${hex(input.within(length - 4, bytes.read))}`);
    input.align();
  }
  return all.sort();
}

/**
 * Checks that a request is the one that `tc` writes: with the same header, kind and options, of which the first `head`
 * bytes are a struct. `without` are attributes that only one of them has.
 */
export function checkRequest(body: Uint8Array, vector: Vector, head = 0, without: readonly number[] = []): void {
  const parts = (message: Uint8Array): unknown => {
    const { attributes: { options, ...attributes }, ...header } = tcMessage.decode(message);
    const known = options === undefined || options.length === 0 ? undefined : {
      head: hex(options.subarray(0, head)),
      attributes: sorted(options.subarray(head)).filter((one) => !without.includes(Number.parseInt(one, 10))),
    };
    return { ...header, ...attributes, known };
  };
  assertEquals(parts(body), parts(vector.bytes), vector.command);
}

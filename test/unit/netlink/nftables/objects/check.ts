/** What holds for the messages about each named object. */
import { assert, assertEquals } from "@std/assert";
import type { NftObject } from "@netns/netns";
import { objectMessage } from "../../../../../src/netlink/nftables/messages.ts";
import { objectOf } from "../../../../../src/netlink/nftables/object_reply.ts";
import { checkTruncated, checkVector } from "../../check.ts";
import type { Vector } from "../../vector.ts";

/** NFTA_OBJ_DATA of a message. */
export function dataOf(bytes: Uint8Array): Uint8Array {
  const { data } = objectMessage.decode(bytes).attributes;
  assert(data !== undefined);
  return data;
}

/** Checks that both messages are about `object`, that they are written as they were, and may end anywhere. */
export function checkObject(request: Vector, reply: Vector, object: NftObject): void {
  checkVector(objectMessage, request, {});
  const withoutHandle = (bytes: Uint8Array): unknown => (
    JSON.parse(JSON.stringify(objectOf(bytes)[0]?.object, (key, value) => key === "handle" ? undefined : value))
  );
  assertEquals(withoutHandle(request.bytes), object);
  assertEquals(withoutHandle(reply.bytes), object);
  checkTruncated(objectOf, reply);
}

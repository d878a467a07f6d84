/** What the message of a link says of its kind, and what every kind must do with what was captured. */
import { assertEquals } from "@std/assert";
import type { LinkSpec } from "../../../../../src/netlink/link/kinds/kinds.ts";
import { linkMessage } from "../../../../../src/netlink/link/message.ts";
import { decodeLink } from "../../../../../src/netlink/link/reply.ts";
import { addLinkRequest } from "../../../../../src/netlink/link/request.ts";
import { hex } from "../../check.ts";
import type { Vector } from "../../vector.ts";

/** IFLA_INFO_KIND and IFLA_INFO_DATA of a message, the bytes in hexadecimal. */
export function infoOf(message: Uint8Array): { readonly kind: string | undefined; readonly data: string } {
  const { kind, data = new Uint8Array(0) } = linkMessage.decode(message).attributes.info ?? {};
  return { kind, data: hex(data) };
}

/** Writes what is particular to a kind as `ip` does, and reads it: the kernel gives back the same attributes. */
export function checkKind(spec: LinkSpec, { bytes, command }: Vector, data: object): void {
  assertEquals(infoOf(addLinkRequest(spec).body), infoOf(bytes), command);
  assertEquals<unknown>(decodeLink(bytes).data, { kind: spec.kind, ...data }, command);
}

/** What every kind must do with captured messages. */
import { assertEquals } from "@std/assert";
import type { LinkSpec } from "../../../../../src/netlink/link/kinds/link_spec.ts";
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

/** Checks that the options of a kind are written as `ip` does, and read: the kernel sends the same attributes. */
export function checkKind(spec: LinkSpec, { bytes, command }: Vector, data: object): void {
  assertEquals(infoOf(addLinkRequest(spec).body), infoOf(bytes), command);
  const { link: _link, ...options }: Record<string, unknown> = { ...decodeLink(bytes).data };
  assertEquals<unknown>(options, { kind: spec.kind, ...data }, command);
}

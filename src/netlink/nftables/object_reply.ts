/** Named objects and flowtables as the kernel sends them, in the words of libnftables-json(5). */
import { defined } from "../../collections.ts";
import { familyOf } from "./families.ts";
import { numberOfHandle } from "./handles.ts";
import { FLOWTABLE_FLAGS, namesOfBits, oneOrMany } from "./constants.ts";
import { flowtableMessage, objectMessage } from "./messages.ts";
import { decodeObject, objectKindOf } from "./object_kinds.ts";
import type { NftFlowtable } from "./object_types.ts";
import type { NftNamed } from "./names.ts";
import type { NftObject } from "./types.ts";
import { objectComment } from "./user_data.ts";

/** A named object, and its table. */
export interface ListedObject extends NftNamed {
  readonly object: NftObject;
}

/** A named object; none of a kind that the library does not know. */
export function objectOf(body: Uint8Array): ListedObject[] {
  const { family: number, attributes } = objectMessage.decodeKnown(body);
  const { table = "", name = "", type, data = new Uint8Array(0), handle, userData } = attributes;
  const [family, kind] = [familyOf(number), objectKindOf(type)];
  if (family === undefined || kind === undefined) return [];
  const comment = objectComment(userData);
  const named: NftNamed & { comment?: string } = defined({
    family,
    name,
    table,
    handle: numberOfHandle(handle),
    comment,
  });
  const object = { [kind]: { ...named, ...decodeObject(kind, data) } } as NftObject; // what the kind has
  return [{ family, table, name, object }];
}

/** A flowtable; none of a family that the library does not know. */
export function flowtableOf(body: Uint8Array): NftFlowtable[] {
  const { family: number, attributes } = flowtableMessage.decodeKnown(body);
  const { table = "", name = "", hook, handle, flags = 0 } = attributes;
  const family = familyOf(number);
  if (family === undefined) return [];
  const names = namesOfBits(FLOWTABLE_FLAGS, flags);
  const links = (hook?.devices ?? []).toSorted(); // as nft lists them
  return [defined({
    family,
    name,
    table,
    handle: numberOfHandle(handle),
    hook: "ingress" as const,
    prio: (hook?.priority ?? 0) | 0,
    dev: links.length === 0 ? undefined : oneOrMany(links),
    flags: names.length === 0 ? undefined : oneOrMany(names),
  })];
}

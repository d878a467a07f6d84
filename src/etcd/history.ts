/**
 * Whether a cluster still has the history that was read. A snapshot that was restored has the id of its cluster, and soon
 * a higher revision than the one that was read last; but at that revision its store is another one.
 */
import { GRPC, GrpcError } from "./grpc_error.ts";
import { beginningOf, type Layout } from "./keys.ts";
import type { KnownKeys, Position } from "./known_keys.ts";
import { type KeyRange, type Member, rangeOf } from "./member.ts";
import type { KeyValue } from "./messages.ts";

/** The keys of a list, by their texts, and when and of which layouts it is. */
export interface KeyList {
  /** The cluster, and the revision of the list. */
  readonly position: Position;
  /** The value of each key. */
  readonly entries: ReadonlyMap<string, string>;
  /** The layouts that could be read. */
  readonly layouts: readonly Layout[];
}

/** The text of a key: each key has another one. Of one whose bytes are no UTF-8 it is no key that is read. */
export function keyOf({ key }: Pick<KeyValue, "key">): string {
  const text = new TextDecoder().decode(key);
  return text.includes(REPLACEMENT) ? Array.from(key, textOfByte).join("") : text;
}

const REPLACEMENT = "\ufffd";
const textOfByte = (byte: number): string =>
  byte < 0x80 ? String.fromCharCode(byte) : `${REPLACEMENT}${byte.toString(16)}`;

/**
 * Finds out of the keys that a list no longer has whether the store had them at the revision up to which they were read:
 * then they were deleted. What is compacted is not known, and counts as deleted.
 *
 * @returns False of a key that this store never had.
 */
export async function deletedKeys(
  member: Member,
  label: string,
  known: KnownKeys,
  { position, entries, layouts }: KeyList,
): Promise<(key: string) => boolean> {
  const last = known.position;
  const never = new Set<string>();
  // Of a list that is not believed for another reason, nothing is asked.
  if (last === undefined || last.cluster !== position.cluster || last.revision > position.revision) return () => true;
  for (const layout of layouts) {
    const beginning = beginningOf(label, layout);
    const missing = [...known.values.keys()].filter((key) => key.startsWith(beginning) && !entries.has(key));
    const revision = last.layouts?.[layout];
    if (missing.length === 0 || revision === undefined) continue;
    const before = await keysAt(member, rangeOf(beginning), revision);
    for (const key of missing) if (before !== undefined && !before.has(key)) never.add(key);
  }
  return (key) => !never.has(key);
}

/** The keys of a range at a revision; undefined if that is compacted. */
async function keysAt(member: Member, range: KeyRange, revision: number): Promise<ReadonlySet<string> | undefined> {
  try {
    const { entries } = await member.list(range, revision);
    return new Set(entries.map(keyOf));
  } catch (error) {
    if (error instanceof GrpcError && error.code === GRPC.outOfRange) return undefined;
    throw error;
  }
}

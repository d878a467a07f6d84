/** What a watch of etcd says, message by message. */
import type { GrpcStream } from "./grpc.ts";
import { GRPC, GrpcError } from "./grpc_error.ts";
import { BYTES_MAX, KEYS_MAX } from "./known_keys.ts";
import { DELETED, type KeyValue, NO_HEADER, type ResponseHeader, watchResponse } from "./messages.ts";

/** One change of a key. */
export interface KeyEvent {
  /** The key; what it has now, unless it is deleted. */
  readonly kv: KeyValue;
  /** True if the key is gone. */
  readonly deleted: boolean;
}

/** What a watch says: that it runs, or what changed. */
export interface WatchMessage {
  /** The cluster, and a revision that is reached. */
  readonly header: ResponseHeader;
  /** Which range it is about, by its index. */
  readonly range: number;
  /** The changes; none if it only says how far it is. */
  readonly events: readonly KeyEvent[];
}

/** Revisions that a watch wants are no longer kept. */
export class CompactedError extends Error {
  /** Always `"CompactedError"`. */
  override readonly name = "CompactedError";
}

/** The longest message of a watch, put together of its fragments, in events and in bytes. */
const EVENTS_MAX = 2 * KEYS_MAX;

/**
 * The messages of a watch, each put together of its fragments.
 *
 * @param watches How many there are on the stream: they have the numbers from 1 on.
 * @throws {CompactedError} The revision is no longer kept.
 * @throws {GrpcError} The watch was ended, or the member sends what no watch is.
 */
export async function* watchMessages(
  stream: GrpcStream,
  address: string,
  watches: number,
): AsyncGenerator<WatchMessage, void, undefined> {
  const held = new Map<number, { readonly events: KeyEvent[]; size: number }>();
  for await (const bytes of stream.messages()) {
    const answer = watchResponse.decode(bytes);
    const { watchId, canceled, compactRevision, cancelReason, fragment } = answer;
    if (compactRevision > 0) throw new CompactedError(`the revisions before ${compactRevision} are compacted`);
    if (canceled) {
      const code = /permission denied/.test(cancelReason) ? GRPC.permissionDenied : GRPC.unavailable;
      throw new GrpcError(code, `${address}: the watch was ended: ${cancelReason || "no reason given"}`);
    }
    if (watchId < 1 || watchId > watches) {
      throw new GrpcError(GRPC.unavailable, `${address}: a message of a watch that there is not: ${watchId}`);
    }
    const whole = held.get(watchId) ?? { events: [], size: 0 };
    const { events } = whole;
    for (const { type, kv } of answer.events) if (kv !== undefined) events.push({ kv, deleted: type === DELETED });
    whole.size += bytes.length;
    if (events.length > EVENTS_MAX || whole.size > BYTES_MAX) {
      throw new GrpcError(GRPC.resourceExhausted, `${address}: a message of the watch that is too long`);
    }
    if (fragment) {
      held.set(watchId, whole);
      continue;
    }
    held.delete(watchId);
    yield { header: answer.header ?? NO_HEADER, range: watchId - 1, events };
  }
}

/** The messages of etcd 3 that the agent sends and reads, with the numbers of `rpc.proto`, `kv.proto` and `auth.proto`. */
import { bytes, flag, id64, inner, integer, message, type MessageCodec, repeated, text } from "./protobuf.ts";

/** The type of an event that deletes a key. */
export const DELETED = 1;

/** What every answer begins with. */
export interface ResponseHeader {
  /** The cluster. */
  readonly clusterId: bigint;
  /** The member that answers. */
  readonly memberId: bigint;
  /** The revision of its store. */
  readonly revision: number;
}
/** The header of an answer that has none. */
export const NO_HEADER: ResponseHeader = { clusterId: 0n, memberId: 0n, revision: 0 };
const responseHeader: MessageCodec<ResponseHeader> = message({
  clusterId: [1, id64],
  memberId: [2, id64],
  revision: [3, integer],
});

/** A key with its value. */
export interface KeyValue {
  /** The key. */
  readonly key: Uint8Array;
  /** The revision of its last change. */
  readonly modRevision: number;
  /** Its value. */
  readonly value: Uint8Array;
  /** The lease with which it ends; 0: none. */
  readonly lease: bigint;
}
const keyValue: MessageCodec<KeyValue> = message({
  key: [1, bytes],
  modRevision: [3, integer],
  value: [5, bytes],
  lease: [6, id64],
});

/** `KV/Range`: without `serializable`, so that the answer is the cluster's and not only the member's. */
export interface RangeRequest {
  /** The first key. */
  readonly key: Uint8Array;
  /** The key after the last one; empty: only `key`. */
  readonly rangeEnd: Uint8Array;
  /** How many keys at most. */
  readonly limit: number;
  /** At which revision; 0: the newest. */
  readonly revision: number;
  /** Whether only their number is asked for. */
  readonly countOnly: boolean;
}
/** The bytes of a {@linkcode RangeRequest}. */
export const rangeRequest: MessageCodec<RangeRequest> = message({
  key: [1, bytes],
  rangeEnd: [2, bytes],
  limit: [3, integer],
  revision: [4, integer],
  countOnly: [9, flag],
});

/** The answer to a {@linkcode RangeRequest}. */
export interface RangeResponse {
  /** The cluster. */
  readonly header: ResponseHeader | undefined;
  /** The keys, in order. */
  readonly kvs: readonly KeyValue[];
  /** Whether there are more. */
  readonly more: boolean;
}
/** The bytes of a {@linkcode RangeResponse}. */
export const rangeResponse: MessageCodec<RangeResponse> = message({
  header: [1, inner(responseHeader)],
  kvs: [2, repeated(keyValue)],
  more: [3, flag],
});

/** Writes a key. */
export interface PutRequest {
  /** The key. */
  readonly key: Uint8Array;
  /** Its new value. */
  readonly value: Uint8Array;
  /** The lease with which it ends; 0: none. */
  readonly lease: bigint;
}
const putRequest: MessageCodec<PutRequest> = message({
  key: [1, bytes],
  value: [2, bytes],
  lease: [3, id64],
});

/** Deletes a key. */
export interface DeleteRequest {
  /** The key. */
  readonly key: Uint8Array;
}
const deleteRequest: MessageCodec<DeleteRequest> = message({
  key: [1, bytes],
});

/** One of the two. */
export interface Operation {
  /** A write. */
  readonly put: PutRequest | undefined;
  /** A delete. */
  readonly delete: DeleteRequest | undefined;
}
const operation: MessageCodec<Operation> = message({
  put: [2, inner(putRequest)],
  delete: [3, inner(deleteRequest)],
});

/** `KV/Txn` without conditions: all operations, in one revision. */
export interface TxnRequest {
  /** What is done. */
  readonly success: readonly Operation[];
}
/** The bytes of a {@linkcode TxnRequest}. */
export const txnRequest: MessageCodec<TxnRequest> = message({
  success: [2, repeated(operation)],
});

/** An answer of which only the header counts. */
export interface HeaderResponse {
  /** The cluster. */
  readonly header: ResponseHeader | undefined;
}
/** The bytes of a {@linkcode HeaderResponse}. */
export const headerResponse: MessageCodec<HeaderResponse> = message({
  header: [1, inner(responseHeader)],
});

/** Begins to watch a range. */
export interface WatchCreate {
  /** The first key. */
  readonly key: Uint8Array;
  /** The key after the last one. */
  readonly rangeEnd: Uint8Array;
  /** The first revision that is wanted. */
  readonly startRevision: number;
  /** Whether the member says how far it is when nothing happens. */
  readonly progressNotify: boolean;
  /** What the watch is called in the answers. */
  readonly watchId: number;
  /** Whether large messages come in parts. */
  readonly fragment: boolean;
}
const watchCreate: MessageCodec<WatchCreate> = message({
  key: [1, bytes],
  rangeEnd: [2, bytes],
  startRevision: [3, integer],
  progressNotify: [4, flag],
  watchId: [7, integer],
  fragment: [8, flag],
});

/** `Watch/Watch`. */
export interface WatchRequest {
  /** Begins a watch. */
  readonly create: WatchCreate | undefined;
}
/** The bytes of a {@linkcode WatchRequest}. */
export const watchRequest: MessageCodec<WatchRequest> = message({
  create: [1, inner(watchCreate)],
});

/** A change of a key. */
export interface WatchEvent {
  /** 0: a put; {@linkcode DELETED}. */
  readonly type: number;
  /** The key. */
  readonly kv: KeyValue | undefined;
}
const watchEvent: MessageCodec<WatchEvent> = message({
  type: [1, integer],
  kv: [2, inner(keyValue)],
});

/** What a watch sends: that it began, that it ended, or events. */
export interface WatchResponse {
  /** The cluster. */
  readonly header: ResponseHeader | undefined;
  /** Which watch it is. */
  readonly watchId: number;
  /** Whether the watch ended. */
  readonly canceled: boolean;
  /** The oldest revision that is kept, if an older one was wanted. */
  readonly compactRevision: number;
  /** Why it ended. */
  readonly cancelReason: string;
  /** Whether the message goes on in the next one. */
  readonly fragment: boolean;
  /** What changed. */
  readonly events: readonly WatchEvent[];
}
/** The bytes of a {@linkcode WatchResponse}. */
export const watchResponse: MessageCodec<WatchResponse> = message({
  header: [1, inner(responseHeader)],
  watchId: [2, integer],
  canceled: [4, flag],
  compactRevision: [5, integer],
  cancelReason: [6, text],
  fragment: [7, flag],
  events: [11, repeated(watchEvent)],
});

/** `Lease/LeaseGrant`. */
export interface GrantRequest {
  /** How long it lasts, in seconds. */
  readonly ttl: number;
}
/** The bytes of a {@linkcode GrantRequest}. */
export const grantRequest: MessageCodec<GrantRequest> = message({
  ttl: [1, integer],
});

/** The answer to a {@linkcode GrantRequest}. */
export interface GrantResponse {
  /** The lease. */
  readonly id: bigint;
  /** Why there is none. */
  readonly error: string;
}
/** The bytes of a {@linkcode GrantResponse}. */
export const grantResponse: MessageCodec<GrantResponse> = message({
  id: [2, id64],
  error: [4, text],
});

/** `Lease/LeaseKeepAlive`. */
export interface LeaseRequest {
  /** The lease. */
  readonly id: bigint;
}
/** The bytes of a {@linkcode LeaseRequest}. */
export const leaseRequest: MessageCodec<LeaseRequest> = message({
  id: [1, id64],
});

/** The answer to a keep-alive. */
export interface KeepAliveResponse {
  /** How long it lasts, in seconds; 0: there is no such lease. */
  readonly ttl: number;
}
/** The bytes of a {@linkcode KeepAliveResponse}. */
export const keepAliveResponse: MessageCodec<KeepAliveResponse> = message({
  ttl: [3, integer],
});

/** `Auth/Authenticate`. */
export interface AuthenticateRequest {
  /** The user. */
  readonly name: string;
  /** Its password. */
  readonly password: string;
}
/** The bytes of a {@linkcode AuthenticateRequest}. */
export const authenticateRequest: MessageCodec<AuthenticateRequest> = message({
  name: [1, text],
  password: [2, text],
});

/** The answer to an {@linkcode AuthenticateRequest}. */
export interface AuthenticateResponse {
  /** What proves who calls, for a while. */
  readonly token: string;
}
/** The bytes of a {@linkcode AuthenticateResponse}. */
export const authenticateResponse: MessageCodec<AuthenticateResponse> = message({
  token: [2, text],
});

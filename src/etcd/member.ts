/** The calls to one member of a cluster, as a user of it. */
import { GrpcConnection, type GrpcOptions } from "./grpc.ts";
import { GRPC, GrpcError } from "./grpc_error.ts";
import { BYTES_MAX, KEYS_MAX } from "./known_keys.ts";
import {
  authenticateRequest,
  authenticateResponse,
  grantRequest,
  grantResponse,
  headerResponse,
  keepAliveResponse,
  type KeyValue,
  leaseRequest,
  NO_HEADER,
  rangeRequest,
  rangeResponse,
  type ResponseHeader,
  txnRequest,
  watchRequest,
} from "./messages.ts";
import type { MessageCodec } from "./protobuf.ts";
import { transactions, type Write } from "./transactions.ts";
import { type WatchMessage, watchMessages } from "./watch_messages.ts";

/** Who calls. */
export interface Credentials {
  /** The name of the user; undefined if the cluster has no users, or knows them by their certificates. */
  readonly username: string | undefined;
  /** Its password, read anew at each authentication. */
  readonly password: () => Promise<string>;
}

/** How a member is called. */
export interface MemberOptions extends GrpcOptions, Credentials {
  /** How long a call may take, in milliseconds. */
  readonly operationTimeout: number;
}

/** Every key from `from` up to, and without, `to`. */
export interface KeyRange {
  /** The first key. */
  readonly from: Uint8Array;
  /** The key after the last one. */
  readonly to: Uint8Array;
}

/** The range of all keys that begin with `beginning`. */
export function rangeOf(beginning: string): KeyRange {
  const from = new TextEncoder().encode(beginning);
  const to = from.slice();
  to[to.length - 1] = (to.at(-1) ?? 0) + 1; // it ends in "/", which is followed by "0"
  return { from, to };
}

/** The keys of a range at one revision. */
export interface Listing {
  /** The cluster, and the revision of the listing. */
  readonly header: ResponseHeader;
  /** In the order of their bytes. */
  readonly entries: readonly KeyValue[];
}

/** How many keys are asked for at once. */
const PAGE = 1000;
/** The longest token, in characters: it goes into a header of every call. */
const TOKEN_MAX = 4096;
/** What etcd says if it has no users. */
const NO_USERS = "etcdserver: authentication is not enabled";
/** What etcd says if users were changed after this one authenticated. */
const OLD_REVISION = "etcdserver: revision of auth store is old";
/** Asks the member to end a watch when it has no leader. */
const WITH_LEADER = { hasleader: "true" };

/** A member, connected and authenticated. */
export class Member implements Disposable {
  /** Its address. */
  readonly address: string;
  readonly #connection: GrpcConnection;
  readonly #options: MemberOptions;
  #token: string | undefined;

  private constructor(address: string, connection: GrpcConnection, options: MemberOptions) {
    this.address = address;
    this.#connection = connection;
    this.#options = options;
  }

  /**
   * Connects to the member at `address`, and authenticates if there is a user.
   *
   * @throws {GrpcError} It does not answer, or does not know the user.
   */
  static async connect(address: string, options: MemberOptions): Promise<Member> {
    const connection = await GrpcConnection.connect(address, options);
    const member = new Member(address, connection, options);
    try {
      await member.#authenticate();
      return member;
    } catch (error) {
      connection[Symbol.dispose]();
      throw error;
    }
  }

  /** Why the connection is lost; undefined while it is not. */
  get lost(): string | undefined {
    return this.#connection.lost;
  }

  /** Resolves when the connection is lost. */
  get ended(): Promise<void> {
    return this.#connection.ended;
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.#connection[Symbol.dispose]();
  }

  /**
   * Lists a range page by page, all at one revision. The answer is the cluster's, not only the member's.
   *
   * @param revision The revision; undefined is the newest one.
   * @throws {GrpcError} `permissionDenied`, `unavailable`, or too much: 100,000 keys, 256 MiB.
   */
  async list(range: KeyRange, revision?: number): Promise<Listing> {
    const entries: KeyValue[] = [];
    let header: ResponseHeader | undefined;
    let from = range.from;
    let limit = PAGE;
    let size = 0;
    while (true) {
      const request = { key: from, rangeEnd: range.to, limit, revision: revision ?? header?.revision };
      let page;
      try {
        page = await this.#call("etcdserverpb.KV/Range", rangeRequest, request, rangeResponse);
      } catch (error) {
        if (!(error instanceof GrpcError && error.code === GRPC.resourceExhausted) || limit === 1) throw error;
        limit = Math.max(1, limit >> 3); // the values are large
        continue;
      }
      header ??= page.header ?? NO_HEADER;
      for (const entry of page.kvs) {
        entries.push(entry);
        size += entry.value.length + entry.key.length;
      }
      if (entries.length > KEYS_MAX || size > BYTES_MAX) {
        const most = `${KEYS_MAX} keys and ${BYTES_MAX / 1024 / 1024} MiB`;
        throw new GrpcError(GRPC.resourceExhausted, `${this.address}: the label has more than ${most}`);
      }
      if (!page.more) return { header, entries };
      const next = Uint8Array.from([...page.kvs.at(-1)?.key ?? [], 0]);
      if (compareBytes(next, from) <= 0) {
        throw new GrpcError(GRPC.unavailable, `${this.address}: a list that has more keys and does not go on`);
      }
      from = next;
    }
  }

  /** The value of one key. */
  async get(key: string): Promise<KeyValue | undefined> {
    const request = { key: new TextEncoder().encode(key) };
    const { kvs: [found] } = await this.#call("etcdserverpb.KV/Range", rangeRequest, request, rangeResponse);
    return found;
  }

  /**
   * The cluster, and its newest revision, if this user may read `range`.
   *
   * @throws {GrpcError} `permissionDenied`, `unavailable`.
   */
  async probe({ from, to }: KeyRange): Promise<ResponseHeader> {
    const request = { key: from, rangeEnd: to, countOnly: true };
    const { header } = await this.#call("etcdserverpb.KV/Range", rangeRequest, request, rangeResponse);
    return header ?? NO_HEADER;
  }

  /**
   * Follows ranges, each from a revision on, over one stream. It ends when the caller leaves the loop.
   *
   * @throws {CompactedError} The revision is no longer kept.
   * @throws {GrpcError} `permissionDenied`, `unavailable`: also if the member has no leader.
   */
  async *watch(
    ranges: readonly { readonly range: KeyRange; readonly startRevision: number }[],
  ): AsyncGenerator<WatchMessage, void, undefined> {
    const stream = this.#connection.open("etcdserverpb.Watch/Watch", { ...this.#metadata(), ...WITH_LEADER });
    try {
      ranges.forEach(({ range: { from, to }, startRevision }, index) => {
        const flags = { progressNotify: true, fragment: true };
        const create = { key: from, rangeEnd: to, startRevision, watchId: index + 1, ...flags };
        stream.send(watchRequest.encode({ create }));
      });
      yield* watchMessages(stream, this.address, ranges.length);
    } finally {
      stream.close();
    }
  }

  /** Writes all, in transactions that etcd takes; with a lease, what is put goes when that ends. */
  async write(writes: readonly Write[], lease: bigint): Promise<void> {
    const encoder = new TextEncoder();
    for (const part of transactions(writes)) {
      const success = part.map(({ key, value }) => (
        value === undefined
          ? { put: undefined, delete: { key: encoder.encode(key) } }
          : { put: { key: encoder.encode(key), value: encoder.encode(value), lease }, delete: undefined }
      ));
      await this.#call("etcdserverpb.KV/Txn", txnRequest, { success }, headerResponse);
    }
  }

  /** A new lease of `ttl` seconds. */
  async grant(ttl: number): Promise<bigint> {
    const { id, error } = await this.#call("etcdserverpb.Lease/LeaseGrant", grantRequest, { ttl }, grantResponse);
    if (error !== "") throw new GrpcError(GRPC.unavailable, `${this.address}: ${error}`);
    return id;
  }

  /** Keeps a lease for as long as it was granted; false if there is no such lease. */
  async keepAlive(id: bigint): Promise<boolean> {
    const { ttl } = await this.#call("etcdserverpb.Lease/LeaseKeepAlive", leaseRequest, { id }, keepAliveResponse);
    return ttl > 0;
  }

  /** Gets a token, if there is a user. A token expires. */
  async #authenticate(): Promise<void> {
    const { username, password, operationTimeout } = this.#options;
    if (username === undefined) return;
    const request = authenticateRequest.encode({ name: username, password: await password() });
    const options = { metadata: {}, timeout: operationTimeout };
    let answer;
    try {
      answer = await this.#connection.call("etcdserverpb.Auth/Authenticate", request, options);
    } catch (error) {
      if (!(error instanceof GrpcError) || error.message !== NO_USERS) throw error;
      this.#token = undefined;
      return;
    }
    const { token } = authenticateResponse.decode(answer);
    if (!/^[!-~]+$/.test(token) || token.length > TOKEN_MAX) {
      throw new GrpcError(GRPC.unavailable, `${this.address}: its token is none`);
    }
    this.#token = token;
  }

  #metadata(): Readonly<Record<string, string>> {
    return this.#token === undefined ? {} : { token: this.#token };
  }

  async #call<Q, A>(
    method: string,
    request: MessageCodec<Q>,
    values: { readonly [K in keyof Q]?: Q[K] | undefined },
    answer: MessageCodec<A>,
  ): Promise<A> {
    const bytes = request.encode(values);
    const call = async (): Promise<A> => {
      const options = { metadata: this.#metadata(), timeout: this.#options.operationTimeout };
      return answer.decode(await this.#connection.call(method, bytes, options));
    };
    try {
      return await call();
    } catch (error) {
      const isOld = error instanceof GrpcError &&
        (error.code === GRPC.unauthenticated || error.message === OLD_REVISION);
      if (!isOld || this.#options.username === undefined) throw error;
      await this.#authenticate();
      return await call();
    }
  }
}

/** Below 0 if `a` comes before `b`, in the order of etcd's keys. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1);
}

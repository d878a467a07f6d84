/** What the queries of every family are made of. */
import type { NetlinkError } from "../errors.ts";
import { NetlinkRequests } from "./requests.ts";
import type { Decode, NetlinkRequest } from "./wire/framing.ts";

/**
 * The start of the chain of classes that ends in {@linkcode NetlinkQueries}: one class a family, each extends the one
 * before. A new family extends what {@linkcode NetlinkQueries} extends, and {@linkcode NetlinkQueries} extends it.
 */
export abstract class FamilyQueries extends NetlinkRequests {
  /** Asks for all objects. */
  protected abstract dump<T>(request: NetlinkRequest, decode: Decode<T>): T[];

  /** Asks for one object. */
  protected abstract get<T>(request: NetlinkRequest, decode: Decode<T>): T | undefined;

  /** Carries out requests in one send; gives the refusal of each at its index. */
  protected abstract tryAll(requests: readonly NetlinkRequest[]): (NetlinkError | undefined)[];
}

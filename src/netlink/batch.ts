/** Requests that go to the kernel together. */
import { hasIndex, type LinkRef, nameOfRef } from "./link/ref.ts";
import { NetlinkRequests } from "./requests.ts";
import type { NetlinkRequest } from "./wire/framing.ts";

/** Requests that go to the kernel together. A link is named by its index, since its name would have to be looked up first. */
export class NetlinkBatch extends NetlinkRequests {
  /** The requests, in order. */
  readonly requests: NetlinkRequest[] = [];

  /** Adds a request to the batch. */
  protected override perform(request: NetlinkRequest): void {
    this.requests.push(request);
  }

  /** The index of a link, which must be named by it. */
  protected override indexOf(link: LinkRef): number {
    if (hasIndex(link)) return link.index;
    throw new TypeError(`Cannot use the name ${nameOfRef(link)} in a batch: expected { index }, as getLink() gives it`);
  }
}

/** What the changes of every family are made of. */
import type { LinkRef } from "./link/ref.ts";
import type { NetlinkRequest } from "./wire/framing.ts";

/**
 * The start of the chain of classes that ends in {@linkcode NetlinkRequests}: one class a family, each extends the one
 * before. A new family extends what {@linkcode NetlinkRequests} extends, and {@linkcode NetlinkRequests} extends it.
 */
export abstract class FamilyRequests {
  /** Carries out a request, or adds it to a batch. */
  protected abstract perform(request: NetlinkRequest): void;

  /** The index of a link. */
  protected abstract indexOf(link: LinkRef): number;
}

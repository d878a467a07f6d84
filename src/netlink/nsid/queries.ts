/** The ids that a namespace has for others. See ip-netns(8). */
import { RuleQueries } from "../rule/queries.ts";
import { decodeNsid, getNsidRequest, listNsidsRequest } from "./nsid.ts";

/** The ids that a namespace has for others. */
export abstract class NamespaceIdQueries extends RuleQueries {
  /**
   * The id that this socket's namespace has for another, by which links name it.
   *
   * @returns The id, or undefined if it has none.
   * @throws {NetlinkError} `netns` is not an open namespace.
   */
  getNamespaceId(netns: { readonly fd: number }): number | undefined {
    return this.get(getNsidRequest(netns), decodeNsid);
  }

  /**
   * The ids that this socket's namespace has for others.
   *
   * @throws {NetlinkError} The kernel refused it.
   */
  listNamespaceIds(): number[] {
    return this.dump(listNsidsRequest(), decodeNsid);
  }
}

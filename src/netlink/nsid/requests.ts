/** The changes of the ids that a namespace has for others. See ip-netns(8). */
import { RuleRequests } from "../rule/requests.ts";
import { newNsidRequest } from "./nsid.ts";

/** The changes of the ids that a namespace has for others. */
export abstract class NamespaceIdRequests extends RuleRequests {
  /**
   * Gives another namespace an id in this one, by which messages name it.
   *
   * @param netns The other namespace.
   * @param nsid The id, 0 or more. Absent: the kernel chooses.
   * @throws {NetlinkError} `EEXIST`: it has one.
   */
  addNamespaceId(netns: { readonly fd: number }, nsid?: number): void {
    this.perform(newNsidRequest(netns, nsid));
  }
}

/** What rtnetlink can be asked for. */
import { NamespaceIdQueries } from "./nsid/queries.ts";

/** What rtnetlink can be asked for, beside the changes of {@linkcode NetlinkRequests}. */
export abstract class NetlinkQueries extends NamespaceIdQueries {}

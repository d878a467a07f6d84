/** The changes that rtnetlink can be asked for: the same for one request and for many in a batch. */
import { BridgeRequests } from "./bridge/requests.ts";

/** The changes of rtnetlink. The kernel checks each; what it refuses is a {@linkcode NetlinkError}. */
export abstract class NetlinkRequests extends BridgeRequests {}

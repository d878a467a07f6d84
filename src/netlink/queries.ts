/** What rtnetlink can be asked for. */
import { BridgeQueries } from "./bridge/queries.ts";

/** What rtnetlink can be asked for, beside the changes of {@linkcode NetlinkRequests}. */
export abstract class NetlinkQueries extends BridgeQueries {}

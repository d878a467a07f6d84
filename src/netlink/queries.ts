/** What rtnetlink can be asked for. */
import { TrafficControlQueries } from "./tc/queries.ts";

/** What rtnetlink can be asked for, beside the changes of {@linkcode NetlinkRequests}. */
export abstract class NetlinkQueries extends TrafficControlQueries {}

/** What writing statuses needs: loaded only by who writes them. */
import manifest from "../../deno.json" with { type: "json" };

export { AgentStatus, KeyStatuses } from "./status.ts";
export { StatusWriter } from "./status_writer.ts";
/** The version of this package. */
export const VERSION: string = manifest.version;

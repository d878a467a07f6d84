/** Routes and neighbours that this configuration made and no longer describes: they go, and no others. */
import type { PlanBuilder } from "./plan_builder.ts";
import { ConnectedRoutes } from "./connected_routes.ts";
import { removeNeighbour } from "./neighbours.ts";
import { removeRoute } from "./remove_routes.ts";

/** Plans that routes and neighbours go that are no longer described, or whose new link has to be waited for. */
export function removeEntries(builder: PlanBuilder): void {
  const { claims } = builder.input;
  const connected = new ConnectedRoutes(builder);
  for (const record of claims.records) {
    if (record.kind !== "route" && record.kind !== "neighbour" || !builder.goes(record)) continue;
    const namespace = claims.namespace(record.namespace);
    if (namespace === undefined) continue;
    if (record.kind === "route") removeRoute(builder, connected, namespace, record);
    else removeNeighbour(builder, namespace, record);
  }
}

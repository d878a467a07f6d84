/**
 * Networks with faults in a test: hosts, links, partitions, delays and losses, in the process of the test.
 *
 * @module
 */
export { Lab } from "./lab.ts";
export { LabHost } from "./host.ts";
export { LabLink } from "./link.ts";
export type { HostReport, LabReport } from "./report.ts";
export type { RootlessCapture, RootlessHost } from "./rootless/rootless_host.ts";
export type { RootlessLab } from "./rootless/rootless_lab.ts";
export type { RootlessLink } from "./rootless/rootless_link.ts";
export type { LabTopology } from "./topology.ts";
export { until, type UntilOptions } from "./until.ts";

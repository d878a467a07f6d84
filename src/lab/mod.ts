/**
 * Networks with faults in a test: hosts, links, partitions, delays and losses, in the process of the test.
 *
 * @module
 */
export { Lab } from "./lab.ts";
export { LabHost } from "./host.ts";
export { LabLink } from "./link.ts";
export type { HostReport, LabReport } from "./report.ts";
export type { RootlessCapture, RootlessHost } from "./rootless/host.ts";
export type { RootlessLab } from "./rootless/lab.ts";
export type { RootlessLink } from "./rootless/link.ts";
export type { LabTopology } from "./topology.ts";
export { until, type UntilOptions } from "./until.ts";

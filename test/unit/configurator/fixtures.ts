/** What the tests of plans share. */
import type { PlanResult } from "../../../src/configurator/plan/plan_builder.ts";
import { PAIR } from "../../support/topologies.ts";
import { FakeKernel } from "./fake_kernel.ts";

/** A pair, two routes and an ARP entry. */
export const WHOLE: {
  readonly namespaces: readonly string[];
  readonly interfaces: readonly object[];
  readonly routes: readonly { readonly name: string; readonly [field: string]: unknown }[];
  readonly arpEntries: readonly object[];
} = {
  ...PAIR,
  routes: [
    { name: "far", interface: "left", dstIpAddr: "10.2.0.0/16", gwAddr: "10.1.0.2", metric: 10 },
    { name: "near", interface: "left", dstIpAddr: "10.3.0.0/16" },
  ],
  arpEntries: [{ name: "a", interface: "left", ipAddr: "10.1.0.9", hwAddress: "02:00:00:00:00:09" }],
};

/** The steps of a plan: `"interface left: add 10.1.0.1/24 to eth0 in blue"`. */
export const lines = ({ tasks }: PlanResult): string[] => (
  tasks.map(({ step }) => `${step.item}: ${step.description}`)
);

/** Applies `before`, then `after`; gives the steps of the second. */
export function change(before: object, after: object): string[] {
  const kernel = new FakeKernel();
  kernel.apply(before);
  return lines(kernel.apply(after));
}

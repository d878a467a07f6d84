/** Steps of reports for the tests of the command. */
import type { Step } from "../../../src/configurator/report.ts";

/** A step that makes a namespace, with this description. */
export const step = (description: string, rest: Partial<Step> = {}): Step => ({
  kind: "create-namespace",
  item: "namespace blue",
  description,
  namespace: "blue",
  link: null,
  from: null,
  to: "blue",
  ...rest,
});

/** Qdiscs without options. See tc(8), section "clsact" of tc-bpf(8). */
import type { NoOptions, QdiscKind } from "../../tc_kind.ts";

/** Where packets that enter a link are filtered. */
export const ingress: QdiscKind<"ingress", NoOptions> = {
  kind: "ingress",
  about: "no queue: where packets that enter a link are filtered",
  kernel: { option: "CONFIG_NET_SCH_INGRESS", module: "sch_ingress" },
  fields: {},
  parent: "ingress",
  probe: {},
};

/** Where packets that enter or leave a link are filtered. */
export const clsact: QdiscKind<"clsact", NoOptions> = {
  kind: "clsact",
  about: "no queue: where packets that enter or leave a link are filtered",
  kernel: { option: "CONFIG_NET_SCH_INGRESS", module: "sch_ingress" },
  fields: {},
  parent: "clsact",
  probe: {},
};

/** No queue: packets leave at once. */
export const noqueue: QdiscKind<"noqueue", NoOptions> = {
  kind: "noqueue",
  about: "no queue: packets leave at once",
  kernel: { option: "CONFIG_NET_SCHED", module: "sch_generic" },
  fields: {},
  probe: {},
};

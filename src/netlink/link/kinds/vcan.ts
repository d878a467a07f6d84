/** Virtual links of the controller area network. See ip-link(8). */
import type { LinkBase } from "../base.ts";
import type { Kind } from "./link_kind.ts";

/** A virtual link of the controller area network (CAN). */
export interface VcanSpec extends LinkBase {
  /** The tag of the union. */
  readonly kind: "vcan";
}

/** {@linkcode VcanSpec} */
export const vcan: Kind<"vcan", VcanSpec, never> = {
  kind: "vcan",
  about: "a virtual link of the controller area network (CAN)",
  kernel: { option: "CONFIG_CAN_VCAN", module: "vcan" },
  fields: () => ({}),
  probe: { spec: (name) => ({ kind: "vcan", name }) },
};

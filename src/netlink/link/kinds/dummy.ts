/** Links that drop everything. See ip-link(8). */
import type { LinkBase } from "../base.ts";
import type { Kind } from "./link_kind.ts";

/** A link that drops everything. */
export interface DummySpec extends LinkBase {
  /** The tag of the union. */
  readonly kind: "dummy";
}

/** {@linkcode DummySpec} */
export const dummy: Kind<"dummy", DummySpec, never> = {
  kind: "dummy",
  about: "a link that drops everything",
  kernel: { option: "CONFIG_DUMMY", module: "dummy" },
  fields: () => ({}),
  probe: { spec: (name) => ({ kind: "dummy", name }) },
};

import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import {
  impairmentOf,
  impairmentText,
  type ImpairQdisc,
  isQdisc,
  qdiscOf,
} from "../../../../src/configurator/plan/impair_qdisc.ts";
import type { Impairment } from "../../../../src/models/impair.ts";
import type { Qdisc } from "../../../../src/netlink/tc/qdisc/types.ts";

/** A qdisc as a list gives it. */
const listed = (qdisc: ImpairQdisc): Qdisc => ({
  ...qdisc,
  ...{ linkIndex: 2, handle: "6e6e:", parent: "root", refcnt: 1, offloaded: false },
  ...{ bytes: 0n, packets: 0n, drops: 0, overlimits: 0, requeues: 0, backlog: 0, qlen: 0 },
});

const CASES: readonly (readonly [Impairment, ImpairQdisc["kind"]])[] = [
  [{ rate: "10mbit" }, "tbf"],
  [{ rate: "8bit" }, "tbf"],
  [{ rate: "40gbit" }, "tbf"],
  [{ rate: "10mbit", limit: 50 }, "netem"],
  [{ delay: "20ms" }, "netem"],
  [{ delay: "20ms", jitter: "1500us", loss: "1%" }, "netem"],
  [{ delay: "3s", reorder: "25%", duplicate: "0.5%", corrupt: "0.1%", rate: "1mbit" }, "netem"],
];

describe("qdiscOf()", () => {
  for (const [impairment, kind] of CASES) {
    it(`is ${kind} for ${impairmentText(impairment)}, and can be read back`, () => {
      const qdisc = qdiscOf(impairment);
      assertEquals(qdisc.kind, kind);
      assertEquals(isQdisc(listed(qdisc), qdisc), true);
      assertEquals(impairmentOf(listed(qdisc)), impairment);
    });
  }

  it("distinguishes every two of them", () => {
    for (const [one] of CASES) {
      const same = CASES.filter(([other]) => isQdisc(listed(qdiscOf(one)), qdiscOf(other)));
      assertEquals(same.map(([other]) => other), [one]);
    }
  });
});

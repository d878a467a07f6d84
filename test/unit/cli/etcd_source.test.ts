import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { UsageError } from "../../../src/cli/errors.ts";
import { etcdTarget, refuseEtcdOptions } from "../../../src/cli/etcd_source.ts";

describe("etcdTarget()", () => {
  it("has the label of the option, and without one that of the environment", async () => {
    const env = { MICROSERVICE_LABEL: "from-environment" };
    assertEquals((await etcdTarget({ etcd: true, label: "given" }, env)).label, "given");
    assertEquals((await etcdTarget({ etcd: true }, env)).label, "from-environment");
    await assertRejects(() => etcdTarget({ etcd: true }, {}), UsageError, "with --label, or MICROSERVICE_LABEL");
    for (const label of ["", "a/b", "a\0b", "x".repeat(256)]) {
      await assertRejects(() => etcdTarget({ etcd: true, label }, {}), UsageError);
    }
  });

  it("has the members of the environment without a file, or the usual one, in plain text", async () => {
    const conf = async (env: Readonly<Record<string, string>>): Promise<unknown> =>
      (await etcdTarget({ etcd: true, label: "l" }, env)).conf;
    assertEquals(await conf({}), { endpoints: ["127.0.0.1:2379"], tls: undefined });
    assertEquals(await conf({ ETCD_CONFIG: "", ETCDV3_ENDPOINTS: "a:1", ETCD_ENDPOINTS: "b:2,c:3" }), {
      endpoints: ["b:2", "c:3"],
      tls: undefined,
    });
  });
});

describe("refuseEtcdOptions()", () => {
  it("names an option that says nothing without a cluster", () => {
    refuseEtcdOptions({});
    assertThrows(() => refuseEtcdOptions({ acceptEmpty: true }), UsageError, "--accept-empty needs --etcd");
    assertThrows(() => refuseEtcdOptions({ label: "l" }), UsageError, "--label needs --etcd");
  });
});

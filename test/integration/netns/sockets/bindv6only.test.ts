import { assertEquals } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { writeSysctl } from "../../../../src/sysctl/sysctl.ts";
import { assertSameTraces, describeAsRoot, traces } from "../../support/traces.ts";
import { closed, firstConnection, lookAlikes, portOf, said, saying } from "./network.ts";

describeAsRoot("NsHandle.listen() with net.ipv6.bindv6only", () => {
  let start: unknown;
  before(async () => {
    await firstConnection();
    start = traces();
  });
  after(() => assertSameTraces(start));

  it("takes connections of IPv4, too, without a host and at ::", async () => {
    using networks = lookAlikes();
    writeSysctl(networks.blue, "net.ipv6.bindv6only", "1");
    for (const options of [{ port: 0 }, { host: "::", port: 0 }]) {
      const server = await networks.blue.listen(saying("blue"), options);
      for (const host of ["127.0.0.1", "::1"]) {
        assertEquals(await said(await networks.blue.connect({ host, port: portOf(server) })), "blue");
      }
      await closed(server);
    }
  });
});

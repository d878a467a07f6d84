import { assert, assertEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { GenericNetlink, NetlinkError, SyscallError, wire } from "@netns/netns";
import { describeAsRoot, traces } from "../../support/traces.ts";

const header = wire.attributes({ index: [1, wire.u32], name: [2, wire.text] });
const linkState = wire.attributes({ header: [1 | wire.NLA_F_NESTED, header], link: [2, wire.u8] });
const LINK_STATE_GET = 6;

describeAsRoot("GenericNetlink", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  it("finds a family with its version, its groups and its operations", () => {
    using controller = GenericNetlink.open("nlctrl");
    assertEquals([controller.family.id, controller.family.name], [16, "nlctrl"]);
    assert(controller.family.groups.has("notify") && controller.family.version >= 1);
    using ethtool = GenericNetlink.open("ethtool");
    assertEquals(ethtool.family.operations.some(({ id, flags }) => id === LINK_STATE_GET && (flags & 2) !== 0), true);
    assertEquals([...ethtool.family.groups.keys()], ["monitor"]);
  });

  it("carries out a request, and dumps", () => {
    using ethtool = GenericNetlink.open("ethtool");
    const replies = ethtool.request(linkState, {
      command: LINK_STATE_GET,
      attributes: { header: { name: "lo" } },
    });
    assertEquals(replies.map(({ attributes }) => attributes.header?.name), ["lo"]);
    const all = ethtool.dump(linkState, { command: LINK_STATE_GET, attributes: { header: {} } });
    assert(all.some(({ attributes }) => attributes.header?.name === "lo"));
  });

  it("passes on a refusal with its text, and names the request", () => {
    using ethtool = GenericNetlink.open("ethtool");
    const ask = (name: string, label?: string) =>
      ethtool.request(linkState, { command: LINK_STATE_GET, attributes: { header: { name } }, label });
    const error = assertThrows(() => ask("nosuch"), NetlinkError);
    assertEquals([error.code, error.request], ["ENODEV", "ethtool command 6"]);
    assertEquals(
      assertThrows(() => ask("nosuch", "LINKSTATE_GET nosuch"), NetlinkError).request,
      "LINKSTATE_GET nosuch",
    );
    assertEquals(assertThrows(() => ethtool.request(linkState, { command: 255 }), NetlinkError).code, "EOPNOTSUPP");
  });

  it("refuses what untyped code gives wrong before it asks the kernel", () => {
    using ethtool = GenericNetlink.open("ethtool");
    const ask = (request: unknown, codec: unknown = linkState) => () => (
      ethtool.request(codec as typeof linkState, request as { command: number })
    );
    const command = LINK_STATE_GET;
    const wrong: readonly (readonly [said: string, call: () => unknown])[] = [
      ["null as a request: expected an object", ask(null)],
      ["256 as command: expected a whole number from 0 to 255", ask({ command: 256 })],
      ['"comand" as a field of a request: expected command', ask({ comand: 6 })],
      ['"1" as flags: expected a number', ask({ command, flags: "1" })],
      ["5 as label: expected text", ask({ command, label: 5 })],
      ["null as attributes: expected an object", ask({ command, attributes: null })],
      ['"haeder" as a field of the attributes: expected header', ask({ command, attributes: { haeder: {} } })],
      ['"nam" as a field of header: expected index, name', ask({ command, attributes: { header: { nam: "lo" } } })],
      ["as name: expected 65531 or less", ask({ command, attributes: { header: { name: "x".repeat(70_000) } } })],
      ["null as the table of a request", ask({ command }, null)],
      ["as a family of generic netlink: expected its name", () => GenericNetlink.open("x".repeat(16))],
    ];
    for (const [said, call] of wrong) assertThrows(call, Error, said);
  });

  it("says that the kernel has no such family, and what to do", () => {
    const error = assertThrows(() => GenericNetlink.open("nosuch"), NetlinkError, "modprobe nosuch");
    assertEquals(error.code, "ENOENT");
    const closed = GenericNetlink.open("nlctrl");
    closed.close();
    assertEquals(assertThrows(() => closed.dump(linkState, { command: 3 }), SyscallError).code, "EBADF");
  });
});

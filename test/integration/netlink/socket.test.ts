import { assert, assertEquals, assertThrows } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { NetlinkError, SyscallError } from "@netns/netns";
import { NetlinkSocket } from "../../../src/netlink/socket.ts";
import { describeAsRoot, traces } from "../support/traces.ts";

const NETLINK_GENERIC = 16;
/** GENL_ID_CTRL, and the commands of the family that lists families: CTRL_CMD_GETFAMILY and one that nobody has. */
const [CONTROL, GET_FAMILY, NO_COMMAND] = [0x10, 3, 99];

describeAsRoot("NetlinkSocket.open()", () => {
  let start: unknown;
  before(() => start = traces());
  after(() => assertEquals(traces(), start));

  const request = (command: number) => ({
    type: CONTROL,
    flags: 0,
    body: Uint8Array.of(command, 1, 0, 0), // struct genlmsghdr
    label: "CTRL_CMD_GETFAMILY",
  });

  it("opens a socket of any protocol, on which requests, dumps and refusals are the same", () => {
    using socket = NetlinkSocket.open(NETLINK_GENERIC);
    const families = socket.dump(request(GET_FAMILY), (body, type) => {
      assertEquals(type, CONTROL);
      return new TextDecoder().decode(body);
    });
    assert(families.some((text) => text.includes("nlctrl\0")));
    assertEquals(socket.dump(request(GET_FAMILY), () => undefined), []);
    const error = assertThrows(() => socket.execute(request(NO_COMMAND)), NetlinkError);
    assertEquals([error.code, error.request], ["EOPNOTSUPP", "CTRL_CMD_GETFAMILY"]);
  });

  it("reports a protocol that the kernel lacks", () => {
    const error = assertThrows(() => NetlinkSocket.open(31), SyscallError);
    assertEquals([error.syscall, error.code], ["socket", "EPROTONOSUPPORT"]);
  });
});

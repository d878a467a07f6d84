import { assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { attributes } from "../../../../src/netlink/wire/attributes.ts";
import { message } from "../../../../src/netlink/wire/codec.ts";
import { struct } from "../../../../src/netlink/wire/struct.ts";
import { u8 } from "../../../../src/netlink/wire/numbers.ts";

describe("message()", () => {
  it("is a header and attributes", () => {
    const whole = message(struct({ family: u8 }), attributes({ small: [1, u8] }));
    const bytes = Uint8Array.of(10, 0, 0, 0, 5, 0, 1, 0, 7, 0, 0, 0);
    assertEquals(whole.encode({ family: 10, attributes: { small: 7 } }), bytes);
    assertEquals(whole.decode(bytes), { family: 10, attributes: { small: 7 } });
  });
});

import { assert, assertEquals } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { compileFilter } from "../../../../src/capture/filter/compile.ts";
import { parseFilter } from "../../../../src/capture/filter/parse.ts";

describe("compileFilter()", () => {
  it("takes the first bytes of all packets without a test", () => {
    assertEquals(compileFilter(undefined, 96), Uint8Array.of(6, 0, 0, 0, 96, 0, 0, 0)); // tcpdump -s 96 -dd
  });

  it("jumps forward and within the program, however long it is", () => {
    const hosts = Array.from({ length: 60 }, (_, i) => `host 10.0.0.${i}`).join(" or ");
    const program = compileFilter(parseFilter(`not (${hosts}) and udp port 53`), 96);
    const view = new DataView(program.buffer);
    const count = program.length / 8;
    for (let i = 0; i < count; i++) {
      if (view.getUint16(i * 8, true) === 0x05) assert(i + 1 + view.getUint32(i * 8 + 4, true) < count, `jump at ${i}`);
    }
    assert(count > 255 && count < 4096);
  });
});

import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { addPort } from "../../../../src/cli/rootless/port.ts";

describe("addPort()", () => {
  it("reads ports of the command and of a namespace", () => {
    const ports = addPort("8080:blue/80", addPort("443:8443"));
    assertEquals(ports.map(({ outside, namespace, inside }) => [outside, namespace, inside]), [
      [443, { type: "pid", pid: 0 }, 8443],
      [8080, { type: "named", name: "blue" }, 80],
    ]);
  });

  it("refuses a port of the machine twice", () => {
    assertThrows(() => addPort("8080:blue/81", addPort("8080:80")), Error, "each PORT of the machine once");
    assertEquals(addPort("8081:80", addPort("8080:80")).length, 2);
  });

  for (const text of ["8080", "8080:", "0:80", "80:blue/0", "70000:80", "a:80", "80:/80", "-1:2"]) {
    it(`refuses ${text}`, () => void assertThrows(() => addPort(text), Error, "Expected PORT:[NS/]PORT"));
  }
});

import { describe, it } from "@std/testing/bdd";
import { assertEquals } from "@std/assert";
import * as v from "npm:valibot@1.5.0";
import { interfaceNamespaceSchema } from "../../../src/models/namespace.ts";

const read = (value: unknown): unknown => {
  const result = v.safeParse(interfaceNamespaceSchema, value);
  return result.success ? result.output : result.issues.map(({ path, message }) => [path?.[0]?.key, message]);
};
const refuses = (value: unknown): void => {
  assertEquals(v.safeParse(interfaceNamespaceSchema, value).success, false, JSON.stringify(value));
};

describe("interfaceNamespaceSchema", () => {
  it("reads a namespace of version 3 of Ligato's model", () => {
    assertEquals(read({ type: "NSID", reference: "blue" }), { type: 2, name: "blue" });
    assertEquals(read({ type: 2, reference: "42" }), { type: 0, pid: 42 });
    assertEquals(read({ type: "FD", reference: "/proc/1/ns/net" }), { type: 3, filepath: "/proc/1/ns/net" });
    assertEquals(read({ type: 4, reference: "web" }), { type: 1, microservice: "web" });
    for (const wrong of [{ type: 0, reference: "a" }, { type: "PID", reference: "x" }, { reference: "a" }]) {
      refuses(wrong);
    }
  });

  it("reads the enumeration by number and by name", () => {
    for (const type of [2, "NAMED_NS"]) assertEquals(read({ type, name: "blue" }), { type: 2, name: "blue" });
    for (const type of [0, "PID_REF_NS"]) assertEquals(read({ type, pid: 7 }), { type: 0, pid: 7 });
    for (const type of [1, "MICROSERVICE_REF_NS"]) {
      assertEquals(read({ type, microservice: "web" }), { type: 1, microservice: "web" });
    }
    for (const type of [3, "FILE_REF_NS"]) assertEquals(read({ type, filepath: "/x" }), { type: 3, filepath: "/x" });
  });

  it("reads text as parseNamespace does", () => {
    assertEquals(read("blue"), { type: 2, name: "blue" });
    assertEquals(read("PID:0"), { type: 0, pid: 0 });
    assertEquals(read("MICROSERVICE:web"), { type: 1, microservice: "web" });
    assertEquals(read("CONTAINER:web"), { type: 1, microservice: "web", by: "container" });
    assertEquals(read("FILE:/proc/1/ns/net"), { type: 3, filepath: "/proc/1/ns/net" });
  });

  it("reads which of its names a container has", () => {
    const container = { type: 1, microservice: "web", by: "container" };
    assertEquals(read(container), container);
    assertEquals(read({ microservice: "web", by: "container" }), container);
    assertEquals(read({ ...container, by: "label" }), [["by", '"container"']]);
    assertEquals(read({ type: 2, name: "x", by: "container" }), [
      ["by", "no by in a namespace of type NAMED_NS: it belongs to microservice"],
    ]);
  });

  it("takes the defaults that printers of protobuf write, and numbers as text", () => {
    assertEquals(read({ type: 2, pid: 0, microservice: "", name: "b", filepath: "" }), { type: 2, name: "b" });
    assertEquals(read({ type: 0, pid: "42" }), { type: 0, pid: 42 });
    assertEquals(read({ type: "PID_REF_NS" }), { type: 0, pid: 0 });
  });

  it("takes the type from the field that is given", () => {
    assertEquals(read({ name: "blue" }), { type: 2, name: "blue" });
    assertEquals(read({ filepath: "/x" }), { type: 3, filepath: "/x" });
    refuses({ name: "blue", pid: 4 });
  });

  it("refuses what names no namespace", () => {
    for (
      const bad of [
        {},
        [],
        42,
        true,
        "",
        ".",
        "a/b",
        "PID:",
        "PID:x",
        { type: 4, name: "x" },
        { type: "NAMED", name: "x" },
        { type: 2 },
        { type: 2, name: "" },
        { type: 2, name: "x", pid: 3 },
        { type: 0, pid: -1 },
        { type: 0, pid: 5_000_000 },
        { type: 3, filepath: "a\0" },
        { type: 2, name: 12 },
        { type: 2, name: "x", naem: "y" },
      ]
    ) refuses(bad);
  });

  it("names the field of the fault", () => {
    assertEquals(read({ type: 2, name: "" }), [["name", '1 to 255 bytes, no "/", no NUL, not "." or ".."']]);
    assertEquals(read({ type: "NAMED_NSS", name: "x" }), [[
      "type",
      "PID_REF_NS, MICROSERVICE_REF_NS, NAMED_NS or FILE_REF_NS (or the number, 0 to 3); did you mean NAMED_NS?",
    ]]);
  });
});

import { describe, it } from "@std/testing/bdd";
import { assertEquals, assertThrows } from "@std/assert";
import fc from "../../support/properties.ts";
import { anyCharacter } from "../../support/any_character.ts";
import {
  arpNsToGeneric,
  genericToArpNs,
  genericToIfaceNs,
  genericToRouteNs,
  ifaceNsToString,
  ifNsToGeneric,
  routeNsToGeneric,
} from "../../../src/models/converters.ts";
import { InvalidNamespaceError } from "../../../src/errors.ts";
import type { InterfaceNamespace } from "../../../src/models/namespace.ts";
import { type Namespace, parseNamespace } from "../../../src/namespace.ts";

const bytes = (text: string): number => new TextEncoder().encode(text).length;
const hostile = fc.oneof(
  fc.string({ unit: anyCharacter, minLength: 1, maxLength: 60 }),
  fc.constantFrom("PID:1", "FILE:", "NAMED:NAMED:x", "__proto__", "<nil>", "\u202e", "a\nb", "null", "0", " "),
);
const whole = hostile.filter((text) => !text.includes("\0") && text.isWellFormed());
const namespaces: fc.Arbitrary<Namespace> = fc.oneof(
  fc.integer({ min: 0, max: 4_194_304 }).map((pid) => ({ type: "pid", pid } as const)),
  whole.map((label) => ({ type: "microservice", label } as const)),
  whole.map((label) => ({ type: "microservice", label, by: "container" } as const)),
  whole.filter((name) => !name.includes("/") && name !== "." && name !== ".." && bytes(name) < 256)
    .map((name) => ({ type: "named", name } as const)),
  whole.map((path) => ({ type: "file", path } as const)),
);

describe("the converters", () => {
  it("give back what they were given, whatever the text", () => {
    fc.assert(
      fc.property(namespaces, (ns) => {
        assertEquals(ifNsToGeneric(genericToIfaceNs(ns)), ns);
        assertEquals(arpNsToGeneric(genericToArpNs(ns)), ns);
        assertEquals(routeNsToGeneric(genericToRouteNs(ns)), ns);
        assertEquals(parseNamespace(ifaceNsToString(genericToIfaceNs(ns))), ns);
      }),
      { numRuns: 1000 },
    );
  });

  it("use the numbers and the fields of the protobuf models", () => {
    assertEquals(genericToIfaceNs({ type: "pid", pid: 42 }), { type: 0, pid: 42 });
    assertEquals(genericToIfaceNs({ type: "microservice", label: "web" }), { type: 1, microservice: "web" });
    const container = { type: "microservice", label: "web", by: "container" } as const;
    assertEquals(genericToIfaceNs(container), { type: 1, microservice: "web", by: "container" });
    assertEquals(genericToIfaceNs({ type: "named", name: "blue" }), { type: 2, name: "blue" });
    assertEquals(genericToIfaceNs({ type: "file", path: "/proc/1/ns/net" }), { type: 3, filepath: "/proc/1/ns/net" });
  });

  it("leave undefined as it is", () => {
    assertEquals([ifNsToGeneric(), arpNsToGeneric(), routeNsToGeneric()], [undefined, undefined, undefined]);
    assertEquals([genericToIfaceNs(), genericToArpNs(), genericToRouteNs()], [undefined, undefined, undefined]);
  });

  it("refuse what names no namespace", () => {
    const bad: unknown[] = [
      { type: 4, name: "x" },
      { type: "2", name: "x" },
      { type: 2, name: "" },
      { type: 2 },
      { type: 2, name: "a/b" },
      { type: 1, microservice: "" },
      { type: 3, filepath: "a\0b" },
      { type: 0, pid: -1 },
      { type: 0, pid: 1.5 },
      {},
    ];
    for (const ns of bad) {
      assertThrows(() => ifNsToGeneric(ns as InterfaceNamespace), InvalidNamespaceError);
    }
    for (const ns of [{ type: "named", name: "" }, { type: "pid", pid: NaN }, { type: "blue" }, {}]) {
      assertThrows(() => genericToArpNs(ns as Namespace), InvalidNamespaceError);
    }
  });
});

describe("ifaceNsToString()", () => {
  it("writes what namespaceToString does, and <nil> for undefined", () => {
    assertEquals(ifaceNsToString(), "<nil>");
    assertEquals(ifaceNsToString({ type: 2, name: "blue" }), "blue");
    assertEquals(ifaceNsToString({ type: 0, pid: 0 }), "PID:0");
    assertEquals(ifaceNsToString({ type: 1, microservice: "web" }), "MICROSERVICE:web");
    assertEquals(ifaceNsToString({ type: 3, filepath: "/x" }), "FILE:/x");
  });
});

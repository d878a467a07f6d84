import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import fc from "../support/properties.ts";
import { anyCharacter } from "../support/any_character.ts";
import {
  compareNamespaces,
  containerNs,
  fileNs,
  InvalidNamespaceError,
  microserviceNs,
  namedNs,
  type Namespace,
  namespaceToString,
  parseNamespace,
  pidNs,
} from "@netns/netns";
import { isDefaultNamespace, namespaceKey } from "../../src/namespace.ts";

const text = fc.string({ unit: anyCharacter, minLength: 1, maxLength: 60 }).filter((t) => !t.includes("\0"));
const name = fc.oneof(
  text,
  fc.constantFrom("PID:1", "FILE:x", "NAMED:", "MICROSERVICE:y", "CONTAINER:z", "pid:1", "..."),
)
  .filter((t) => !t.includes("/") && t !== "." && t !== "..");
const namespaces: fc.Arbitrary<Namespace> = fc.oneof(
  fc.integer({ min: 0, max: 4194304 }).map((pid) => pidNs(pid)),
  text.map((label) => microserviceNs(label)),
  text.map((label) => containerNs(label)),
  name.map((n) => namedNs(n)),
  text.map((path) => fileNs(path)),
);

describe("namedNs()", () => {
  it("takes what can be a file name", () => {
    for (const good of ["blue", "a b", "...", "x".repeat(255), "é".repeat(127), "PID:1"]) {
      assertEquals(namedNs(good), { type: "named", name: good });
    }
  });

  it("refuses what cannot, and says why", () => {
    for (const bad of ["", ".", "..", "a/b", "/", "a\0", "x".repeat(256), "é".repeat(128), "\ud800"]) {
      assertThrows(() => namedNs(bad), InvalidNamespaceError, 'expected 1 to 255 bytes, no "/"');
    }
    assertThrows(() => namedNs("a/b"), InvalidNamespaceError, 'Cannot use "a/b" as a namespace name');
    assertThrows(() => namedNs("a/b", "interfaces[0].namespace"), InvalidNamespaceError, "as interfaces[0].namespace");
  });

  it("shows a hostile name escaped", () => {
    const error = assertThrows(() => namedNs("a\x1b[31m/\n"), InvalidNamespaceError);
    assert(!/\p{Cc}/u.test(error.message), error.message);
  });
});

describe("pidNs()", () => {
  it("takes PIDs and 0", () => {
    assertEquals([pidNs(0), pidNs(4194304)], [{ type: "pid", pid: 0 }, { type: "pid", pid: 4194304 }]);
    assert(Object.is(pidNs(-0).pid, 0));
  });

  it("refuses everything else", () => {
    for (const bad of [-1, 1.5, NaN, Infinity, 4194305]) assertThrows(() => pidNs(bad), InvalidNamespaceError);
  });
});

describe("fileNs(), microserviceNs() and containerNs()", () => {
  it("refuse empty text and NUL", () => {
    for (const bad of ["", "a\0b", "\udc00"]) {
      assertThrows(() => fileNs(bad), InvalidNamespaceError);
      assertThrows(() => microserviceNs(bad), InvalidNamespaceError);
      assertThrows(() => containerNs(bad), InvalidNamespaceError, "the name or the id of a container");
    }
    assertThrows(() => fileNs("x".repeat(4096)), InvalidNamespaceError, "1 to 4095 bytes");
  });
});

describe("namespaceToString()", () => {
  it("writes the four types, and undefined", () => {
    assertEquals(
      [pidNs(42), microserviceNs("web"), namedNs("blue"), fileNs("/proc/1/ns/net"), undefined].map(namespaceToString),
      ["PID:42", "MICROSERVICE:web", "blue", "FILE:/proc/1/ns/net", "invalid namespace"],
    );
  });

  it("distinguishes a container's name from a label", () => {
    assertEquals(namespaceToString(containerNs("web")), "CONTAINER:web");
    assertEquals(parseNamespace("CONTAINER:web"), { type: "microservice", label: "web", by: "container" });
    assert(compareNamespaces(microserviceNs("web"), containerNs("web")) < 0);
    assertEquals(compareNamespaces(containerNs("web"), containerNs("web")), 0);
  });

  it("is read back by parseNamespace(), also for a name that looks like another type", () => {
    fc.assert(fc.property(namespaces, (ns) => assertEquals(parseNamespace(namespaceToString(ns)), ns)));
  });
});

describe("parseNamespace()", () => {
  it("refuses what names no namespace", () => {
    for (
      const bad of [
        "",
        ".",
        "a/b",
        "PID:",
        "PID:x",
        "PID:-1",
        "PID:99999999",
        "FILE:",
        "MICROSERVICE:",
        "CONTAINER:",
        "NAMED:",
      ]
    ) {
      assertThrows(() => parseNamespace(bad), InvalidNamespaceError);
    }
  });
});

describe("compareNamespaces()", () => {
  it("distinguishes two PIDs", () => {
    assert(compareNamespaces(pidNs(1), pidNs(2)) < 0);
    assert(compareNamespaces(pidNs(10), pidNs(9)) > 0);
    assertEquals(compareNamespaces(pidNs(7), pidNs(7)), 0);
  });

  it("orders by type first, undefined before all", () => {
    const sorted = [undefined, pidNs(9), microserviceNs("a"), namedNs("a"), fileNs("a")];
    assertEquals([...sorted].reverse().sort((a, b) => compareNamespaces(a, b)).filter((x) => x), sorted.slice(1));
    assertEquals(compareNamespaces(undefined, undefined), 0);
    assert(compareNamespaces(undefined, pidNs(0)) < 0 && compareNamespaces(pidNs(0), undefined) > 0);
  });

  it("is a total order that is 0 only for equal ones", () => {
    fc.assert(fc.property(namespaces, namespaces, namespaces, (a, b, c) => {
      const order = compareNamespaces;
      assertEquals(Math.sign(order(a, b)), -Math.sign(order(b, a)) + 0);
      assertEquals(order(a, b) === 0, JSON.stringify(a) === JSON.stringify(b));
      if (order(a, b) <= 0 && order(b, c) <= 0) assert(order(a, c) <= 0);
    }));
  });
});

describe("namespaceKey()", () => {
  it("is equal for what is written alike, and one for the default namespace", () => {
    assertEquals(namespaceKey(), namespaceKey(pidNs(0)));
    assertEquals(namespaceKey(namedNs("a")), namespaceKey(namedNs("a")));
    const different = [pidNs(0), pidNs(1), namedNs("PID:1"), namedNs("1"), microserviceNs("1"), fileNs("1")];
    assertEquals(new Set(different.map((ns) => namespaceKey(ns))).size, different.length);
    assertEquals([undefined, ...different].map((ns) => isDefaultNamespace(ns)), [true, true, ...Array(5).fill(false)]);
  });
});

import { assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { credentialsOf, parseCredentials, variablesOf } from "../../../src/netns/user.ts";

describe("credentialsOf()", () => {
  it("finds an account by its name and by its number", () => {
    const root = { uid: 0, gid: 0, account: { name: "root", uid: 0, gid: 0, home: "/root" } };
    for (const user of ["root", "0", 0]) assertEquals(credentialsOf(user), root);
    assertEquals(credentialsOf("root", "daemon"), { ...root, gid: 1 });
    assertEquals(credentialsOf("root", "54321").gid, 54321);
  });

  it("takes a number that no account has only with a group", () => {
    assertEquals(credentialsOf(54321, 5), { uid: 54321, gid: 5, account: undefined });
    assertThrows(() => credentialsOf(54321), TypeError, 'Cannot use "54321" as a user: no account has this number');
  });

  it("refuses what is no user and no group", () => {
    const users = ["", "no-such-user", "-1", "4294967295", "4294967296", 4294967296, -1, 1.5, " 0", "0x0", "1e3", "\0"];
    for (const user of users) assertThrows(() => credentialsOf(user, 0), TypeError, "as a user");
    for (const group of users) assertThrows(() => credentialsOf(0, group), TypeError, "as a group");
  });
});

describe("parseCredentials()", () => {
  it("reads USER and USER:GROUP", () => {
    assertEquals(parseCredentials("root").gid, 0);
    assertEquals(parseCredentials("root:daemon").gid, 1);
    for (const text of ["", ":", ":0", "0:", "root:daemon:0"]) assertThrows(() => parseCredentials(text), TypeError);
  });
});

describe("variablesOf()", () => {
  it("are those of the account, and of nobody without one", () => {
    assertEquals(variablesOf(credentialsOf("root")), { HOME: "/root", USER: "root", LOGNAME: "root" });
    assertEquals(variablesOf(credentialsOf(54321, 5)), { HOME: "/", USER: undefined, LOGNAME: undefined });
  });
});

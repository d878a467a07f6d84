import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { PassThrough } from "node:stream";
import { firstLine } from "../../../../src/lab/rootless/messages.ts";

describe("firstLine()", () => {
  it("is the first line, and leaves what comes after it", async () => {
    const connection = new PassThrough();
    connection.write("ä");
    connection.write("\nrest");
    assertEquals(await firstLine(connection), "ä");
    assertEquals(String(connection.read()), "rest");
  });

  it("ends the connection of somebody who sends a line without an end", async () => {
    const connection = new PassThrough();
    const line = firstLine(connection);
    for (let i = 0; i < 80; i++) connection.write("x".repeat(1024));
    await assertRejects(() => line, Error, "has ended");
    assertEquals(connection.destroyed, true);
  });
});

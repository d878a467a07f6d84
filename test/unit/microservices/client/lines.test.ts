import { assert, assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { MalformedReplyError } from "../../../../src/microservices/client/replies.ts";
import { linesOf, TOO_LONG } from "../../../../src/microservices/client/lines.ts";

async function lines(chunks: Iterable<Uint8Array>): Promise<unknown[]> {
  const stream = (async function* () {
    for (const chunk of chunks) yield await Promise.resolve(chunk);
  })();
  const all: unknown[] = [];
  for await (const line of linesOf(stream)) all.push(line);
  return all;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("linesOf()", () => {
  it("gives the same lines wherever the stream is cut, also within a character", async () => {
    const text = bytes('{"a":"grün"}\n{"b":"🐳"}\r\n\n{"c":1}\n');
    for (let at = 0; at <= text.length; at++) {
      const whole = await lines([text.subarray(0, at), text.subarray(at)]);
      assertEquals(whole, ['{"a":"grün"}', '{"b":"🐳"}', '{"c":1}'], `cut at ${at}`);
    }
    assertEquals((await lines(Array.from(text, (byte) => Uint8Array.of(byte)))).length, 3);
  });

  it("does not take what was cut off at the end for a line", async () => {
    assertEquals(await lines([bytes('{"a":1}\n{"b"')]), ['{"a":1}']);
  });

  it("drops a line without an end, and goes on with the next", async () => {
    const piece = bytes("x".repeat(700_000));
    assertEquals(await lines([bytes("a\n"), piece, piece, piece, bytes("\nb\n")]), ["a", TOO_LONG, "b"]);
    const [half, other] = [
      bytes("x".repeat(2 ** 20 + 1) + "ü").subarray(0, -1),
      Uint8Array.of(0xbc, ...bytes("x\nü\n")),
    ];
    assertEquals(await lines([half, other]), [TOO_LONG, "ü"], "cut within a character");
  });

  it("gives up a stream whose line has no end, after some megabytes", async () => {
    let given = 0;
    const endless = function* () {
      for (;; given++) yield bytes("x".repeat(2 ** 20));
    };
    await assertRejects(() => lines(endless()), MalformedReplyError, "expected an end of the line");
    assert(given < 16, `${given} MiB were read`);
  });
});

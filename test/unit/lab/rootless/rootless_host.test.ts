import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { LabProcess } from "../../../../src/lab/rootless/lab_process.ts";
import { RootlessHost } from "../../../../src/lab/rootless/rootless_host.ts";
import { untyped } from "../../../support/untyped.ts";

/** A host whose process counts what it is asked for. */
function host(): { readonly host: RootlessHost; readonly asked: string[] } {
  const asked: string[] = [];
  const note = (what: string) => (): Promise<never> => {
    asked.push(what);
    return Promise.reject(new Error("nobody is there"));
  };
  const process = Object.create(LabProcess.prototype, {
    ask: { value: note("ask") },
    connect: { value: note("connect") },
  });
  return { host: new RootlessHost("client", process), asked };
}

const NO_OPTIONS = [undefined, null, 5, "10.0.0.1", () => ({})];

describe("RootlessHost.connect()", () => {
  it("refuses what are no options before it asks the process", async () => {
    const { host: client, asked } = host();
    for (const given of NO_OPTIONS) {
      await assertRejects(() => client.connect(untyped(given)), TypeError, 'The "options" argument');
    }
    const noSignal = untyped<AbortSignal>({ aborted: false });
    const to = { host: "10.0.0.1", port: 80, signal: noSignal };
    await assertRejects(() => client.connect(to), TypeError, 'The "options.signal" argument');
    assertEquals(asked, []);
    await assertRejects(() => client.connect({ host: "10.0.0.1", port: 80 }), Error, "nobody is there");
    assertEquals(asked, ["connect"]);
  });
});

describe("RootlessHost.capture()", () => {
  it("refuses what are no options, and what is no file, before it asks the process", async () => {
    const { host: client, asked } = host();
    for (const given of NO_OPTIONS) {
      await assertRejects(() => client.capture(untyped(given)), TypeError, 'The "options" argument');
    }
    for (const file of [undefined, null, 5, {}]) {
      await assertRejects(() => client.capture(untyped({ file })), TypeError, 'The "options.file" argument');
    }
    assertEquals(asked, []);
    for (const file of ["/nowhere/a", new URL("file:///nowhere/a")]) {
      await assertRejects(() => client.capture({ file }), Error, "nobody is there");
    }
    assertEquals(asked, ["ask", "ask"]);
  });
});

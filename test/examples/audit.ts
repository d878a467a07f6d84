/**
 * Prove that no thread of this process is in a foreign namespace, and see what catches a thread that would stay.
 *
 *     sudo deno run --allow-ffi test/examples/audit.ts
 */
import { auditThreads, NamespaceLeakError, NsHandle, NsHandler } from "@netns/netns";

/** The names of the threads that are not in the namespace in which this process started. */
function strays(): string[] {
  return auditThreads().filter(({ home }) => !home).map(({ name }) => name);
}

// init() lets the runtime start its pool of threads at home: one that is born in a section stays there for ever.
await using handler = new NsHandler({ docker: false });
await handler.init();
console.log(strays().length); // 0

using blue = NsHandle.create();

// Inside a section one thread is away: this one.
console.log(blue.run(() => strays().length)); // 1
console.log(strays().length); // 0

// A section that throws comes home too.
try {
  blue.run(() => {
    throw new RangeError("the caller's own");
  });
} catch (error) {
  console.log(error instanceof RangeError, strays().length); // true 0
}

// A section cannot hold a promise: what follows its first `await` would run at home.
try {
  blue.run((): unknown => Promise.resolve("too late"));
} catch (error) {
  console.log(error instanceof NamespaceLeakError, strays().length); // true 0
}

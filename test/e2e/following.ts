/** A handler that follows a container runtime, and what a test sees of it. */
import { type DockerOptions, type MicroserviceEvent, NsHandler } from "@netns/netns";
import { scratchName } from "../integration/support/traces.ts";

/** A handler that is connected, and the events since. */
export interface Following extends AsyncDisposable {
  readonly handler: NsHandler;
  /** What happened to the containers with one of these labels: `"new-ms web 42"`. */
  seen(...labels: readonly string[]): string[];
}

/** Opens a handler, and waits until it follows the runtime. */
export async function following(docker: DockerOptions): Promise<Following> {
  const handler = new NsHandler({ docker, configNamespace: scratchName() });
  const events: MicroserviceEvent[] = [];
  const collect = async (): Promise<void> => {
    for await (const event of handler.microserviceEvents()) events.push(event);
  };
  await handler.init();
  const collected = collect();
  try {
    await connected(handler);
  } catch (error) {
    await handler.close();
    throw error;
  }
  return {
    handler,
    seen: (...labels) =>
      events.filter(({ label }) => labels.includes(label)).map(({ eventType, label, pid }) =>
        `${eventType} ${label} ${pid}`
      ),
    [Symbol.asyncDispose]: async () => {
      await handler.close();
      await collected;
    },
  };
}

/** Waits until a handler follows its runtime. */
export async function connected(handler: NsHandler): Promise<void> {
  await eventually(() => handler.containerRuntime.state === "connected", () => handler.containerRuntime);
}

/** Waits until something is so, at most a minute: the machine may have much else to do. Looks every so many milliseconds. */
export async function eventually(
  condition: () => boolean,
  what: () => unknown = () => condition,
  every: number = 5,
): Promise<void> {
  const end = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > end) {
      throw new Error(`It did not come to be: ${JSON.stringify(what(), undefined, 1) ?? what()}`);
    }
    await pause(every);
  }
}

/** Waits until a look gives this: what a container left is put away when the runtime has answered. */
export async function eventuallyEquals<T>(look: () => T, expected: T): Promise<void> {
  const actual = (): string => JSON.stringify(look());
  await eventually(() => actual() === JSON.stringify(expected), () => ({ actual: actual(), expected }));
}

/** Waits, in milliseconds. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

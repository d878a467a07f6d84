/** The namespace NS of a command. */
import { MicroserviceCtx } from "../microservices/microservice.ts";
import type { Namespace } from "../namespace.ts";
import type { NsHandle } from "../netns/handle.ts";
import { resolve } from "../netns/resolve.ts";

/**
 * Opens an existing namespace as {@linkcode resolve} does, and asks the container runtime for that of a container.
 *
 * @throws {InvalidNamespaceError} The file is not a network namespace.
 * @throws {SyscallError} `ENOENT`: there is no such name, process or file.
 * @throws {UnavailableMicroserviceError} No container with the label runs.
 */
export function commandNamespace(ns: Namespace): NsHandle | Promise<NsHandle> {
  return ns.type === "microservice" ? containerNamespace(ns) : resolve(ns);
}

async function containerNamespace(ns: Namespace): Promise<NsHandle> {
  const { NsHandler } = await import("../ns_handler.ts"); // most commands do without one
  await using handler = new NsHandler();
  await handler.handleMicroservices(new MicroserviceCtx());
  return handler.openNamespace(ns);
}

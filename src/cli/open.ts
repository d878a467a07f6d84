/** Opening the namespace NS of a command. */
import { MicroserviceCtx } from "../microservices/microservice.ts";
import type { Namespace } from "../namespace.ts";
import type { NsHandle } from "../netns/handle.ts";
import { resolve } from "../netns/resolve.ts";

/**
 * Opens a namespace that exists; none is made.
 *
 * @throws {InvalidNamespaceError} A file of another kind.
 * @throws {SyscallError} There is no such name, process or file.
 * @throws {UnavailableMicroserviceError} No container with the label runs.
 */
export function openNamespace(ns: Namespace): NsHandle | Promise<NsHandle> {
  return ns.type === "microservice" ? openMicroservice(ns) : resolve(ns);
}

/** Only the container runtime knows where that is. */
async function openMicroservice(ns: Namespace): Promise<NsHandle> {
  const { handlerOfCommand } = await import("./handler.ts");
  await using handler = handlerOfCommand();
  await handler.handleMicroservices(new MicroserviceCtx());
  return handler.openNamespace(ns);
}

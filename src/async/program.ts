/** Programs that run on threads of their own. */

/**
 * The URL with which a `Worker` of `node:worker_threads` starts a program. It takes files and data alone: one that lies on
 * a server, as JSR's, is imported by a line of data.
 */
export function programUrl(module: URL): URL {
  if (module.protocol === "file:" || module.protocol === "data:") return module;
  return new URL(`data:text/javascript,import ${encodeURIComponent(JSON.stringify(module.href))}`);
}

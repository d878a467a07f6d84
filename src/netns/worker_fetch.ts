/** What a thread in Bun imports first: `fetch` from the namespace of the thread. Bun's own runs on a thread of the process. */
import { Descriptor } from "./descriptor.ts";
import { fetch } from "./http/fetch.ts";

const here = Descriptor.here();

globalThis.fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
  if (!(input instanceof Request)) return await fetch(here, input, init);
  const { url, method, headers, body, redirect, signal } = input;
  return await fetch(here, url, { method, headers, body, redirect, signal, ...init });
};

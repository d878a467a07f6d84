/** What a thread in Bun imports first: `fetch` from the namespace of the thread. Bun's own runs on a thread of the process. */
import { Descriptor } from "../switch/descriptor.ts";
import { fetch } from "./http/fetch.ts";

const here = Descriptor.here();

globalThis.fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> =>
  await fetch(here, input, init);

/** An address of a container runtime. */

/** What proves who the two sides are, as PEM texts. */
export interface Tls {
  /** The authorities that the server's certificate is checked against; without them, the system's. */
  readonly ca?: string | undefined;
  /** The certificate that this side shows, and its key. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** False: the server's certificate is not checked. */
  readonly verify: boolean;
}

/** How a runtime is connected to. */
export type Transport =
  | { readonly type: "unix"; readonly path: string }
  | { readonly type: "tcp"; readonly host: string; readonly port: number }
  | { readonly type: "tls"; readonly host: string; readonly port: number; readonly tls: Tls }
  /** The address that was given cannot be used; `reason` says why and what can. */
  | { readonly type: "unusable"; readonly reason: string };

/** An address at which a runtime may listen. */
export interface Endpoint {
  /** The address for people, without passwords: `"unix:///var/run/docker.sock"`. */
  readonly name: string;
  readonly transport: Transport;
}

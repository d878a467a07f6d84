/** The links that the kernel puts into each new namespace, where the modules of tunnels are loaded. */
export const INITIAL_LINKS: ReadonlySet<string> = new Set(
  ["lo", "tunl0", "gre0", "gretap0", "erspan0", "ip_vti0", "sit0", "ip6tnl0", "ip6gre0", "ip6_vti0", "teql0"],
);

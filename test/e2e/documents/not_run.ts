/** Commands of the documents that their test does not run, and why. */

const TESTS = "it runs this test, or a part of `npm test`";
const REGISTRY = "the package of this checkout is not in the registry; test/e2e/package.e2e.test.ts installs it";
const CONTAINER =
  "it needs a container; test/e2e/cli_microservices.e2e.test.ts and test/e2e/examples.e2e.test.ts have one";
const BENCH = "it measures for minutes; test/e2e/bench.e2e.test.ts runs it with small counts";
const KERNEL = "it starts another kernel; the part uml of the tests does that";
const SYSTEMD = "it needs systemd as the first process; test/e2e/systemd.e2e.test.ts checks the units";
const FUZZ = "it takes minutes and changes the checkout; the unit tests read the corpus";
const CLUSTER = "it needs a cluster; test/e2e/etcd_guide.e2e.test.ts runs it";
const BUILDS = "it changes the checkout";

/** The commands, each with the reason. */
export const NOT_RUN: Readonly<Record<string, string>> = {
  "npm start": "it installs and builds; what it then runs is `netns demo`, whose output is compared",
  "npm test": TESTS,
  "npm test -- --only unit": TESTS,
  'npm test -- --only integration "refuses a slash"': TESTS,
  "npm test -- --verbose": TESTS,
  "WHOLE=1 npm test": TESTS,
  "npm test -- --only uml": TESTS,
  "deno task uml -- ip link add d0 type dummy": KERNEL,
  "deno task uml --memory 2048M --timeout 1800 -- deno test --allow-ffi --no-check test/integration": KERNEL,
  "deno task qemu --module wireguard -- ip link add wg0 type wireguard": KERNEL,
  "sudo deno test --no-prompt --allow-ffi": TESTS,
  "npm install @netns/netns": REGISTRY,
  "npm install --global @netns/netns": REGISTRY,
  'sudo systemctl link "$(npm root --global)/@netns/netns/dist/systemd/netns-agent.service"': SYSTEMD,
  "sudo systemctl enable --now netns-agent": SYSTEMD,
  "sudo systemctl reload netns-agent": SYSTEMD,
  "docker run --detach --env MICROSERVICE_LABEL=web alpine sleep 600": CONTAINER,
  "sudo netns microservices": CONTAINER,
  "sudo netns exec MICROSERVICE:web -- ip address": CONTAINER,
  "sudo netns exec CONTAINER:3f4e8a91c2d7 -- ip address": CONTAINER,
  "sudo netns agent container.yaml": "it runs until it is ended; test/e2e/cli_agent.e2e.test.ts runs it",
  "sudo deno task bench": BENCH,
  "sudo deno task bench --growth": BENCH,
  "sudo deno task bench --lists": BENCH,
  "sudo deno task bench --calls": BENCH,
  "sudo deno task bench --endurance": BENCH,
  "sudo deno task bench --kept --write": BENCH,
  "deno task fuzz --seconds 600 --write": FUZZ,
  "deno task fuzz --only routes": FUZZ,
  "sudo deno task faults": "it takes hours; test/e2e/faults.e2e.test.ts runs a part of it",
  "sudo deno task faults --form node --only add --errnos one --sample 50":
    "test/e2e/faults.e2e.test.ts runs such a part",
  "cd scripts/runtimes && npm install --package-lock-only": BUILDS,
  "npm run build && node dist/cli.cjs graph src/cli/demo/demo.yaml --format svg >scripts/pictures/demo.svg":
    "it changes the checkout; test/e2e/cli_graph.e2e.test.ts compares the picture",
  "sudo netns agent --etcd etcd.conf --label host1 --status": CLUSTER,
  "sudo netns agent --etcd etcd.conf --label host2 --status": CLUSTER,
  [`etcdctl put /vnf-agent/host1/config/netns/v1/links/blue '{ bridge: "PID:0 br0", ends: ["blue eth0 10.9.0.1/24"] }'`]:
    CLUSTER,
  "etcdctl put /vnf-agent/host1/config/netns/v1/interfaces/vx0 '{ type: VXLAN, master: br0, vxlan: { id: 42, remote: 192.0.2.2 } }'":
    CLUSTER,
  [`etcdctl put /vnf-agent/host2/config/netns/v1/links/blue '{ bridge: "PID:0 br0", ends: ["blue eth0 10.9.0.2/24"] }'`]:
    CLUSTER,
  "etcdctl put /vnf-agent/host2/config/netns/v1/interfaces/vx0 '{ type: VXLAN, master: br0, vxlan: { id: 42, remote: 192.0.2.1 } }'":
    CLUSTER,
  "sudo netns exec blue -- ping -c 1 -w 20 10.9.0.2": CLUSTER,
  "etcdctl get --prefix /vnf-agent/host1/config-status/": CLUSTER,
  "etcdctl del --prefix /vnf-agent/host1/config/": CLUSTER,
  "etcdctl del --prefix /vnf-agent/host2/config/": CLUSTER,
};

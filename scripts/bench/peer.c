/*
 * What the usual tools do, in C: the measure that scripts/bench.ts compares with. Each request is a send and a
 * receive of its own, queues are the kernel's default, and a switch opens the way home each time.
 *
 *   peer switch-name|switch-handle|create-delete|spawn|wire HUB PREFIX COUNT
 *
 * Prints the microseconds that the work took, without its preparation. `peer exec NAME COMMAND` is what `spawn` starts:
 * COMMAND there, in the place of this process.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NETNS "/var/run/netns/"

static void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int open_ns(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die(path);
	return fd;
}

static int open_name(const char *name)
{
	char path[512];
	snprintf(path, sizeof path, NETNS "%s", name);
	return open_ns(path);
}

static void enter(int fd)
{
	if (setns(fd, CLONE_NEWNET))
		die("setns");
}

/* netlink, a message at a time */

static struct {
	struct nlmsghdr header;
	char body[4096];
} message;
static unsigned sequence;

static int netlink_in(int ns, int home)
{
	enter(ns);
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address))
		die("netlink");
	enter(home);
	return fd;
}

static void begin(int type, int flags, const void *header, size_t size)
{
	memset(&message.header, 0, sizeof message.header);
	message.header.nlmsg_type = type;
	message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	message.header.nlmsg_seq = ++sequence;
	memcpy(NLMSG_DATA(&message.header), header, size);
	message.header.nlmsg_len = NLMSG_LENGTH(size);
}

static struct rtattr *add(int type, const void *data, size_t size)
{
	struct rtattr *a = (struct rtattr *)((char *)&message + NLMSG_ALIGN(message.header.nlmsg_len));
	a->rta_type = type;
	a->rta_len = RTA_LENGTH(size);
	if (size)
		memcpy(RTA_DATA(a), data, size);
	message.header.nlmsg_len = NLMSG_ALIGN(message.header.nlmsg_len) + RTA_ALIGN(a->rta_len);
	return a;
}

static void end(struct rtattr *a)
{
	a->rta_len = (char *)&message + message.header.nlmsg_len - (char *)a;
}

static void perform(int fd, const char *what)
{
	char answer[8192];
	if (send(fd, &message, message.header.nlmsg_len, 0) < 0)
		die(what);
	ssize_t length = recv(fd, answer, sizeof answer, 0);
	if (length < 0)
		die(what);
	struct nlmsghdr *h = (struct nlmsghdr *)answer;
	if (h->nlmsg_type == NLMSG_ERROR) {
		struct nlmsgerr *e = NLMSG_DATA(h);
		if (e->error) {
			errno = -e->error;
			die(what);
		}
	}
}

static int index_of(int fd, const char *name)
{
	char answer[16384];
	struct ifinfomsg link = { .ifi_family = AF_UNSPEC };
	begin(RTM_GETLINK, 0, &link, sizeof link);
	message.header.nlmsg_flags &= ~NLM_F_ACK;
	add(IFLA_IFNAME, name, strlen(name) + 1);
	if (send(fd, &message, message.header.nlmsg_len, 0) < 0 || recv(fd, answer, sizeof answer, 0) < 0)
		die("RTM_GETLINK");
	struct nlmsghdr *h = (struct nlmsghdr *)answer;
	if (h->nlmsg_type != RTM_NEWLINK)
		die("RTM_GETLINK");
	return ((struct ifinfomsg *)NLMSG_DATA(h))->ifi_index;
}

static void add_address(int fd, int index, uint32_t address)
{
	struct ifaddrmsg a = { .ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = index };
	uint32_t value = htonl(address);
	begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &a, sizeof a);
	add(IFA_LOCAL, &value, 4);
	add(IFA_ADDRESS, &value, 4);
	perform(fd, "RTM_NEWADDR");
}

static void set_up(int fd, int index)
{
	struct ifinfomsg link = { .ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	begin(RTM_NEWLINK, 0, &link, sizeof link);
	perform(fd, "RTM_NEWLINK up");
}

/* A pair from the hub to each leaf, an address at each end, both up, a route and a neighbour in the leaf. */
static void wire(const char *hub, const char *prefix, int count)
{
	int home = open_ns("/proc/self/ns/net");
	int hub_ns = open_name(hub);
	int hub_fd = netlink_in(hub_ns, home);
	for (int i = 0; i < count; i++) {
		char leaf[256], name[IFNAMSIZ];
		snprintf(leaf, sizeof leaf, "%s%d", prefix, i);
		snprintf(name, sizeof name, "leaf%d", i);
		int leaf_ns = open_name(leaf);
		int fd = netlink_in(leaf_ns, home);
		uint32_t network = (10u << 24) | (100u << 16) | ((uint32_t)i << 8);

		struct ifinfomsg link = { .ifi_family = AF_UNSPEC };
		begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof link);
		add(IFLA_IFNAME, name, strlen(name) + 1);
		struct rtattr *info = add(IFLA_LINKINFO, NULL, 0);
		add(IFLA_INFO_KIND, "veth", 5);
		struct rtattr *data = add(IFLA_INFO_DATA, NULL, 0);
		struct rtattr *peer = add(VETH_INFO_PEER, &link, sizeof link);
		add(IFLA_IFNAME, "eth0", 5);
		add(IFLA_NET_NS_FD, &leaf_ns, 4);
		end(peer);
		end(data);
		end(info);
		perform(hub_fd, "RTM_NEWLINK");

		int index = index_of(hub_fd, name);
		add_address(hub_fd, index, network | 1);
		set_up(hub_fd, index);
		index = index_of(fd, "eth0");
		add_address(fd, index, network | 2);
		set_up(fd, index);

		struct rtmsg route = { .rtm_family = AF_INET, .rtm_dst_len = 8, .rtm_table = RT_TABLE_MAIN,
			.rtm_protocol = RTPROT_BOOT, .rtm_scope = RT_SCOPE_UNIVERSE, .rtm_type = RTN_UNICAST };
		uint32_t destination = htonl(11u << 24), gateway = htonl(network | 1);
		begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &route, sizeof route);
		add(RTA_DST, &destination, 4);
		add(RTA_GATEWAY, &gateway, 4);
		add(RTA_OIF, &index, 4);
		perform(fd, "RTM_NEWROUTE");

		struct ndmsg neighbour = { .ndm_family = AF_INET, .ndm_ifindex = index, .ndm_state = NUD_PERMANENT };
		uint32_t other = htonl(network | 9);
		unsigned char mac[6] = { 2, 0, 0, 0, 0, 9 };
		begin(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &neighbour, sizeof neighbour);
		add(NDA_DST, &other, 4);
		add(NDA_LLADDR, mac, 6);
		perform(fd, "RTM_NEWNEIGH");

		close(fd);
		close(leaf_ns);
	}
}

static void switch_name(const char *name, const char *prefix, int count)
{
	while (count-- > 0) {
		int home = open_ns("/proc/thread-self/ns/net");
		int there = open_name(name);
		enter(there);
		enter(home);
		close(there);
		close(home);
	}
}

static void switch_handle(const char *name, const char *prefix, int count)
{
	int home = open_ns("/proc/thread-self/ns/net"), there = open_name(name);
	while (count-- > 0) {
		enter(there);
		enter(home);
	}
}

static void create_delete(const char *hub, const char *prefix, int count)
{
	for (int i = 0; i < count; i++) {
		char path[512];
		snprintf(path, sizeof path, NETNS "peer-%d", i);
		int home = open_ns("/proc/thread-self/ns/net");
		int fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
		if (fd < 0)
			die(path);
		close(fd);
		if (unshare(CLONE_NEWNET))
			die("unshare");
		if (mount("/proc/thread-self/ns/net", path, "none", MS_BIND, NULL))
			die("mount");
		enter(home);
		close(home);
		if (umount2(path, MNT_DETACH) || unlink(path))
			die(path);
	}
}

/* Starts a process there, and waits for it. */
static void spawn(const char *name, const char *prefix, int count)
{
	extern char **environ;
	char *command[] = { "/proc/self/exe", "exec", (char *)name, "/bin/true", NULL };
	while (count-- > 0) {
		pid_t child;
		int status;
		errno = posix_spawn(&child, command[0], NULL, NULL, command, environ);
		if (errno || waitpid(child, &status, 0) < 0 || status)
			die(command[0]);
	}
}

static const struct {
	const char *name;
	void (*work)(const char *hub, const char *prefix, int count);
} works[] = {
	{ "switch-name", switch_name }, { "switch-handle", switch_handle }, { "create-delete", create_delete },
	{ "spawn", spawn }, { "wire", wire },
};

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "exec")) {
		enter(open_name(argv[2]));
		execv(argv[3], argv + 3);
		die(argv[3]);
	}
	for (size_t i = 0; argc == 5 && i < sizeof works / sizeof *works; i++) {
		if (!strcmp(argv[1], works[i].name)) {
			double start = now();
			works[i].work(argv[2], argv[3], atoi(argv[4]));
			printf("%.1f\n", now() - start);
			return 0;
		}
	}
	fprintf(stderr, "usage: see the head of peer.c\n");
	return 2;
}

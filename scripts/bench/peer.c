/*
 * What the usual tools do, in C: the measure that scripts/bench.ts compares with. Each request is a send and a
 * receive of its own, queues are the kernel's default, and a switch opens the way home each time.
 *
 *   peer switch-name|switch-handle|create-delete|spawn|wire|send HUB PREFIX COUNT
 *
 * Does a piece of the work COUNT times, and prints the microseconds of all. `peer exec NAME COMMAND` is what `spawn`
 * starts: COMMAND there.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HOME "/proc/thread-self/ns/net"

/* What a call gives; a negative number ends the program. */
static long checked(long result, const char *what)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
	return result;
}

static int open_ns(const char *path) { return checked(open(path, O_RDONLY | O_CLOEXEC), path); }
static void enter(int fd) { checked(setns(fd, CLONE_NEWNET), "setns"); }

static int open_name(const char *name)
{
	char path[512];
	snprintf(path, sizeof path, "/var/run/netns/%s", name);
	return open_ns(path);
}

/* What is ready before the first piece: the hub, and netlink in it. */
static const char *hub, *prefix;
static int home, there, in_hub;
static struct timespec start;

static double micros(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start.tv_sec) * 1e6 + (now.tv_nsec - start.tv_nsec) / 1e3;
}

/* netlink, a message at a time */
static struct {
	struct nlmsghdr header;
	char body[4096];
} message;
static char answer[16384];
static unsigned sequence;

static int netlink_in(int ns)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	enter(ns);
	int fd = checked(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), "socket");
	checked(bind(fd, (struct sockaddr *)&address, sizeof address), "bind");
	enter(home);
	return fd;
}

static void begin(int type, int flags, const void *header, size_t size)
{
	message.header = (struct nlmsghdr){ NLMSG_LENGTH(size), type, NLM_F_REQUEST | flags, ++sequence, 0 };
	memcpy(NLMSG_DATA(&message.header), header, size);
}

static struct rtattr *add(int type, const void *data, size_t size)
{
	struct rtattr *a = (struct rtattr *)((char *)&message + NLMSG_ALIGN(message.header.nlmsg_len));
	*a = (struct rtattr){ RTA_LENGTH(size), type };
	memcpy(RTA_DATA(a), data, size);
	message.header.nlmsg_len = NLMSG_ALIGN(message.header.nlmsg_len) + RTA_ALIGN(a->rta_len);
	return a;
}

static void end(struct rtattr *a) { a->rta_len = (char *)&message + message.header.nlmsg_len - (char *)a; }

static struct nlmsghdr *ask(int fd, const char *what)
{
	struct nlmsghdr *h = (struct nlmsghdr *)answer;
	checked(send(fd, &message, message.header.nlmsg_len, 0), what);
	checked(recv(fd, answer, sizeof answer, 0), what);
	if (h->nlmsg_type == NLMSG_ERROR && (errno = -((struct nlmsgerr *)NLMSG_DATA(h))->error))
		checked(-1, what);
	return h;
}

/* Gives the link its address, sets it up, and says its index. */
static int configure(int fd, const char *name, uint32_t address)
{
	struct ifinfomsg link = { .ifi_family = AF_UNSPEC };
	begin(RTM_GETLINK, 0, &link, sizeof link);
	add(IFLA_IFNAME, name, strlen(name) + 1);
	int index = ((struct ifinfomsg *)NLMSG_DATA(ask(fd, "RTM_GETLINK")))->ifi_index;

	struct ifaddrmsg a = { .ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = index };
	uint32_t value = htonl(address);
	begin(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &a, sizeof a);
	add(IFA_LOCAL, &value, 4);
	add(IFA_ADDRESS, &value, 4);
	ask(fd, "RTM_NEWADDR");

	link = (struct ifinfomsg){ .ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	begin(RTM_NEWLINK, NLM_F_ACK, &link, sizeof link);
	ask(fd, "RTM_NEWLINK up");
	return index;
}

/* A pair from the hub to the leaf, an address at each end, both up, a route and a neighbour in the leaf. */
static void wire(int i)
{
	char leaf[256], name[IFNAMSIZ];
	snprintf(leaf, sizeof leaf, "%s%d", prefix, i);
	snprintf(name, sizeof name, "leaf%d", i);
	int leaf_ns = open_name(leaf), fd = netlink_in(leaf_ns);
	uint32_t network = (10u << 24) | (100u << 16) | ((uint32_t)i << 8);

	struct ifinfomsg link = { .ifi_family = AF_UNSPEC };
	begin(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &link, sizeof link);
	add(IFLA_IFNAME, name, strlen(name) + 1);
	struct rtattr *info = add(IFLA_LINKINFO, "", 0);
	add(IFLA_INFO_KIND, "veth", 5);
	struct rtattr *data = add(IFLA_INFO_DATA, "", 0), *peer = add(VETH_INFO_PEER, &link, sizeof link);
	add(IFLA_IFNAME, "eth0", 5);
	add(IFLA_NET_NS_FD, &leaf_ns, 4);
	end(peer);
	end(data);
	end(info);
	ask(in_hub, "RTM_NEWLINK");
	configure(in_hub, name, network | 1);
	int index = configure(fd, "eth0", network | 2);

	struct rtmsg route = { .rtm_family = AF_INET, .rtm_dst_len = 8, .rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_BOOT, .rtm_scope = RT_SCOPE_UNIVERSE, .rtm_type = RTN_UNICAST };
	uint32_t destination = htonl(11u << 24), gateway = htonl(network | 1), other = htonl(network | 9);
	begin(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &route, sizeof route);
	add(RTA_DST, &destination, 4);
	add(RTA_GATEWAY, &gateway, 4);
	add(RTA_OIF, &index, 4);
	ask(fd, "RTM_NEWROUTE");

	struct ndmsg neighbour = { .ndm_family = AF_INET, .ndm_ifindex = index, .ndm_state = NUD_PERMANENT };
	begin(RTM_NEWNEIGH, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, &neighbour, sizeof neighbour);
	add(NDA_DST, &other, 4);
	add(NDA_LLADDR, "\2\0\0\0\0\11", 6);
	ask(fd, "RTM_NEWNEIGH");
	close(fd);
	close(leaf_ns);
}

static void switch_name(int i)
{
	int back = open_ns(HOME), fd = open_name(hub);
	enter(fd);
	enter(back);
	close(fd);
	close(back);
}

static void switch_handle(int i)
{
	enter(there);
	enter(home);
}

static void create_delete(int i)
{
	char path[512];
	snprintf(path, sizeof path, "/var/run/netns/peer-%d", i);
	int back = open_ns(HOME);
	close(checked(open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0), path));
	checked(unshare(CLONE_NEWNET), "unshare");
	checked(mount(HOME, path, "none", MS_BIND, NULL), "mount");
	enter(back);
	close(back);
	checked(umount2(path, MNT_DETACH), path);
	checked(unlink(path), path);
}

/* Starts a process there, and waits for it. */
static void spawn(int i)
{
	char *command[] = { "/proc/self/exe", "exec", (char *)hub, "/bin/true", NULL };
	pid_t child;
	int status;
	errno = posix_spawn(&child, command[0], NULL, NULL, command, environ);
	checked(errno || waitpid(child, &status, 0) < 0 || status ? -1 : 0, command[0]);
}

/* Sends a datagram to nobody, from where it is: each 10 microseconds. */
static void send_paced(int i)
{
	static int fd = -1;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	if (fd < 0)
		fd = checked(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
	while (micros() < i * 10.0)
		;
	checked(sendto(fd, answer, 64, 0, (struct sockaddr *)&to, sizeof to), "sendto");
}

static const struct {
	const char *name;
	void (*piece)(int i);
} works[] = {
	{ "switch-name", switch_name }, { "switch-handle", switch_handle }, { "create-delete", create_delete },
	{ "spawn", spawn }, { "wire", wire }, { "send", send_paced },
};

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "exec")) {
		enter(open_name(argv[2]));
		checked(execv(argv[3], argv + 3), argv[3]);
	}
	for (size_t w = 0; argc == 5 && w < sizeof works / sizeof *works; w++) {
		if (strcmp(argv[1], works[w].name))
			continue;
		hub = argv[2], prefix = argv[3];
		home = open_ns(HOME), there = open_name(hub), in_hub = netlink_in(there);
		clock_gettime(CLOCK_MONOTONIC, &start);
		for (int i = 0, count = atoi(argv[4]); i < count; i++)
			works[w].piece(i);
		printf("%.1f\n", micros());
		return 0;
	}
	fprintf(stderr, "usage: see the head of peer.c\n");
	return 2;
}

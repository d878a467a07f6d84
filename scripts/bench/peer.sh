# The side of the tools that are commands, as people use them: takes `ip` or `nsenter` and the words that peer.c takes, and
# prints the microseconds. To wire, `ip` has a batch for the hub and one for each leaf; a pair is made, then moved.
set -eu
tool=$1 work=$2 hub=$3 prefix=$4 last=$(($5 - 1))

hub_batch() {
	for i in $(seq 0 $last); do
		net=10.$((100 + (i >> 8))).$((i & 255))
		printf '%s\n' "link add leaf$i type veth peer name eth0" "link set eth0 netns $prefix$i" \
			"addr add $net.1/24 dev leaf$i" "link set leaf$i up"
	done
}

leaf_batch() {
	net=10.$((100 + ($1 >> 8))).$(($1 & 255))
	printf '%s\n' "addr add $net.2/24 dev eth0" "link set eth0 up" "route add 11.0.0.0/8 via $net.1 dev eth0" \
		"neigh replace $net.9 lladdr 02:00:00:00:00:09 dev eth0"
}

start=$(date +%s%N)
[ "$work" != wire ] || hub_batch | ip -n "$hub" -batch -
for i in $(seq 0 $last); do
	case "$tool $work" in
	"ip wire") leaf_batch "$i" | ip -n "$prefix$i" -batch - ;;
	"ip create-delete") ip netns add "ip-$i" && ip netns del "ip-$i" ;;
	"ip spawn") ip netns exec "$hub" /bin/true ;;
	"nsenter spawn") nsenter "--net=/var/run/netns/$hub" /bin/true ;;
	esac
done
echo $((($(date +%s%N) - start) / 1000))

// Go's side of a measurement: github.com/vishvananda/netns and netlink, as their documentation shows them. Takes the
// words that peer.c takes, and prints the microseconds that the work took.
package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func opened(ns netns.NsHandle, err error) netns.NsHandle {
	must(err)
	return ns
}

func switchName(name string, count int) {
	for i := 0; i < count; i++ {
		home := opened(netns.Get())
		there := opened(netns.GetFromName(name))
		must(netns.Set(there))
		must(netns.Set(home))
		there.Close()
		home.Close()
	}
}

func switchHandle(name string, count int) {
	home, there := opened(netns.Get()), opened(netns.GetFromName(name))
	for i := 0; i < count; i++ {
		must(netns.Set(there))
		must(netns.Set(home))
	}
}

func createDelete(count int) {
	for i := 0; i < count; i++ {
		name := fmt.Sprintf("go-%d", i)
		home := opened(netns.Get())
		made := opened(netns.NewNamed(name))
		must(netns.Set(home))
		made.Close()
		home.Close()
		must(netns.DeleteNamed(name))
	}
}

func spawn(name string, count int) {
	home, there := opened(netns.Get()), opened(netns.GetFromName(name))
	for i := 0; i < count; i++ {
		must(netns.Set(there))
		command := exec.Command("/bin/true")
		must(command.Start())
		must(netns.Set(home))
		must(command.Wait())
	}
}

// configure gives a link its address, and sets it up.
func configure(handle *netlink.Handle, name string, address string) netlink.Link {
	link, err := handle.LinkByName(name)
	must(err)
	parsed, err := netlink.ParseAddr(address)
	must(err)
	must(handle.AddrAdd(link, parsed))
	must(handle.LinkSetUp(link))
	return link
}

// wire makes each pair with its other end straight in the leaf: the quickest way that the package has.
func wire(hub, prefix string, count int) {
	there := opened(netns.GetFromName(hub))
	defer there.Close()
	inHub, err := netlink.NewHandleAt(there)
	must(err)
	defer inHub.Close()
	_, everything, err := net.ParseCIDR("11.0.0.0/8")
	must(err)
	for i := 0; i < count; i++ {
		leaf := opened(netns.GetFromName(prefix + strconv.Itoa(i)))
		inLeaf, err := netlink.NewHandleAt(leaf)
		must(err)
		network := fmt.Sprintf("10.%d.%d.", 100+(i>>8), i&255)
		name := fmt.Sprintf("leaf%d", i)
		must(inHub.LinkAdd(&netlink.Veth{
			LinkAttrs:     netlink.LinkAttrs{Name: name, TxQLen: -1},
			PeerName:      "eth0",
			PeerNamespace: netlink.NsFd(leaf),
		}))
		configure(inHub, name, network+"1/24")
		link := configure(inLeaf, "eth0", network+"2/24")
		must(inLeaf.RouteAdd(&netlink.Route{
			LinkIndex: link.Attrs().Index,
			Dst:       everything,
			Gw:        net.ParseIP(network + "1"),
		}))
		must(inLeaf.NeighSet(&netlink.Neigh{
			LinkIndex:    link.Attrs().Index,
			State:        netlink.NUD_PERMANENT,
			IP:           net.ParseIP(network + "9"),
			HardwareAddr: net.HardwareAddr{2, 0, 0, 0, 0, 9},
		}))
		inLeaf.Close()
		leaf.Close()
	}
}

func listRoutes(name string, count int) {
	there := opened(netns.GetFromName(name))
	handle, err := netlink.NewHandleAt(there)
	must(err)
	for i := 0; i < count; i++ {
		_, err := handle.RouteListFiltered(netlink.FAMILY_V4, &netlink.Route{Table: 254}, netlink.RT_FILTER_TABLE)
		must(err)
	}
}

func listLinks(name string, count int) {
	there := opened(netns.GetFromName(name))
	handle, err := netlink.NewHandleAt(there)
	must(err)
	for i := 0; i < count; i++ {
		_, err := handle.LinkList()
		must(err)
	}
}

func main() {
	runtime.LockOSThread()
	if len(os.Args) < 3 {
		panic("usage: see the head of peer.c")
	}
	what, words := os.Args[1], os.Args[2:]
	count, err := strconv.Atoi(words[len(words)-1])
	must(err)
	start := time.Now()
	switch what {
	case "switch-name":
		switchName(words[0], count)
	case "switch-handle":
		switchHandle(words[0], count)
	case "create-delete":
		createDelete(count)
	case "wire":
		wire(words[0], words[1], count)
	case "spawn":
		spawn(words[0], count)
	case "list-routes":
		listRoutes(words[0], count)
	case "list-links":
		listLinks(words[0], count)
	default:
		panic(what)
	}
	fmt.Printf("%.1f\n", float64(time.Since(start).Nanoseconds())/1000)
}

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

func switchName(name, prefix string, count int) {
	for i := 0; i < count; i++ {
		home := opened(netns.Get())
		there := opened(netns.GetFromName(name))
		must(netns.Set(there))
		must(netns.Set(home))
		there.Close()
		home.Close()
	}
}

func switchHandle(name, prefix string, count int) {
	home, there := opened(netns.Get()), opened(netns.GetFromName(name))
	for i := 0; i < count; i++ {
		must(netns.Set(there))
		must(netns.Set(home))
	}
}

func createDelete(hub, prefix string, count int) {
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

func spawn(name, prefix string, count int) {
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

// listed lists the same again and again, with a handle in the namespace.
func listed(list func(handle *netlink.Handle) error) func(name, prefix string, count int) {
	return func(name, prefix string, count int) {
		handle, err := netlink.NewHandleAt(opened(netns.GetFromName(name)))
		must(err)
		for i := 0; i < count; i++ {
			must(list(handle))
		}
	}
}

func main() {
	works := map[string]func(hub, prefix string, count int){
		"switch-name":   switchName,
		"switch-handle": switchHandle,
		"create-delete": createDelete,
		"spawn":         spawn,
		"wire":          wire,
		"list-routes": listed(func(handle *netlink.Handle) error {
			_, err := handle.RouteListFiltered(netlink.FAMILY_V4, &netlink.Route{Table: 254}, netlink.RT_FILTER_TABLE)
			return err
		}),
		"list-links": listed(func(handle *netlink.Handle) error {
			_, err := handle.LinkList()
			return err
		}),
	}
	runtime.LockOSThread()
	count, err := strconv.Atoi(os.Args[4])
	must(err)
	start := time.Now()
	works[os.Args[1]](os.Args[2], os.Args[3], count)
	fmt.Printf("%.1f\n", float64(time.Since(start).Nanoseconds())/1000)
}

// Go's side of a measurement: github.com/vishvananda/netns and netlink, as their documentation shows them. Takes the
// words that peer.c takes, and prints what it prints.
package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func got[T any](value T, err error) T {
	must(err)
	return value
}

// What is ready before the first piece: the hub, and netlink in it.
var (
	hub, prefix = os.Args[2], os.Args[3]
	home, there = got(netns.Get()), got(netns.GetFromName(hub))
	inHub       = got(netlink.NewHandleAt(there))
)

func switchName(int) {
	home, there := got(netns.Get()), got(netns.GetFromName(hub))
	must(netns.Set(there))
	must(netns.Set(home))
	there.Close()
	home.Close()
}

func createDelete(i int) {
	name := fmt.Sprintf("go-%d", i)
	home, made := got(netns.Get()), got(netns.NewNamed(name))
	must(netns.Set(home))
	made.Close()
	home.Close()
	must(netns.DeleteNamed(name))
}

func spawn(int) {
	must(netns.Set(there))
	command := exec.Command("/bin/true")
	must(command.Start())
	must(netns.Set(home))
	must(command.Wait())
}

// configure gives a link its address, sets it up, and says its index.
func configure(handle *netlink.Handle, name string, address string) int {
	link := got(handle.LinkByName(name))
	must(handle.AddrAdd(link, got(netlink.ParseAddr(address))))
	must(handle.LinkSetUp(link))
	return link.Attrs().Index
}

// wire makes the pair with its other end straight in the leaf: the quickest way that the package has.
func wire(i int) {
	leaf := got(netns.GetFromName(prefix + strconv.Itoa(i)))
	inLeaf := got(netlink.NewHandleAt(leaf))
	network := fmt.Sprintf("10.%d.%d.", 100+(i>>8), i&255)
	name := fmt.Sprintf("leaf%d", i)
	attributes := netlink.LinkAttrs{Name: name, TxQLen: -1}
	must(inHub.LinkAdd(&netlink.Veth{LinkAttrs: attributes, PeerName: "eth0", PeerNamespace: netlink.NsFd(leaf)}))
	configure(inHub, name, network+"1/24")
	index := configure(inLeaf, "eth0", network+"2/24")
	everything := got(netlink.ParseIPNet("11.0.0.0/8"))
	must(inLeaf.RouteAdd(&netlink.Route{LinkIndex: index, Dst: everything, Gw: net.ParseIP(network + "1")}))
	mac := net.HardwareAddr{2, 0, 0, 0, 0, 9}
	other := netlink.Neigh{LinkIndex: index, State: netlink.NUD_PERMANENT, IP: net.ParseIP(network + "9"), HardwareAddr: mac}
	must(inLeaf.NeighSet(&other))
	inLeaf.Close()
	leaf.Close()
}

// works has what is done for each work, a piece at a time. Of sockets there are only those of IPv4: asked for both
// families, the package would ask twice.
var works = map[string]func(i int){
	"switch-name":   switchName,
	"switch-handle": func(int) { must(netns.Set(there)); must(netns.Set(home)) },
	"create-delete": createDelete,
	"spawn":         spawn,
	"wire":          wire,
	"list-links":    func(int) { got(inHub.LinkList()) },
	"list-routes": func(int) {
		got(inHub.RouteListFiltered(netlink.FAMILY_V4, &netlink.Route{Table: 254}, netlink.RT_FILTER_TABLE))
	},
	"list-sockets":  func(int) { must(netns.Set(there)); got(netlink.SocketDiagTCP(syscall.AF_INET)) },
	"list-measured": func(int) { must(netns.Set(there)); got(netlink.SocketDiagTCPInfo(syscall.AF_INET)) },
}

func main() {
	runtime.LockOSThread()
	piece, count, start := works[os.Args[1]], got(strconv.Atoi(os.Args[4])), time.Now()
	for i := 0; i < count; i++ {
		piece(i)
	}
	fmt.Printf("%.1f\n", float64(time.Since(start).Nanoseconds())/1000)
}

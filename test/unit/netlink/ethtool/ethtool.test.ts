import { assert, assertEquals, assertObjectMatch } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { channelsCodec, channelsOf } from "../../../../src/netlink/ethtool/channels.ts";
import { featuresCodec, featuresOf, wantedBits } from "../../../../src/netlink/ethtool/features.ts";
import { headerOf, namesOf } from "../../../../src/netlink/ethtool/message.ts";
import { genericMessage } from "../../../../src/netlink/generic/message.ts";
import { checkTruncated, checkVector, hex } from "../check.ts";
import { ETHTOOL } from "./vectors.ts";

const features = genericMessage(featuresCodec);
const channels = genericMessage(channelsCodec);

describe("featuresCodec", () => {
  it("reads what the kernel and ethtool wrote, and writes the same bytes", () => {
    checkVector(features, ETHTOOL.setFeatures, {
      command: 12,
      attributes: { header: { name: "va", flags: 1 }, wanted: { bits: { bit: [{ name: "rx-gro", value: true }] } } },
    });
    checkVector(features, ETHTOOL.features, { attributes: { header: { index: 3, name: "va" } } });
    checkVector(features, ETHTOOL.notChanged, { attributes: { wanted: { size: 64 } } });
  });

  it("gives a value or a MalformedMessageError for a message that is cut short", () => {
    checkTruncated((bytes) => featuresOf(features.decode(bytes).attributes), ETHTOOL.notChanged);
  });
});

describe("featuresOf()", () => {
  it("gives what is on, what was asked for and what can change, by the kernel's names", () => {
    const all = featuresOf(features.decode(ETHTOOL.features.bytes).attributes);
    assertEquals(all["rx-gro"], { active: false, wanted: false, changeable: true });
    assertEquals(all["tx-scatter-gather"], { active: true, wanted: true, changeable: true });
    assertEquals(all["vlan-challenged"], { active: false, wanted: false, changeable: false });
    assert(!("" in all), "numbers without a name are left out");
  });

  it("gives nothing for an empty message", () => assertEquals(featuresOf({}), {}));
});

describe("namesOf()", () => {
  it("gives the bits that are set, and in a set without a mask all", () => {
    const { wanted, active } = features.decode(ETHTOOL.notChanged.bytes).attributes;
    assertEquals(namesOf(wanted), ["tx-checksum-ipv4"]);
    assertEquals(namesOf(active), []);
    assertEquals(namesOf({ noMask: true, bits: { bit: [{ name: "a" }] } }), ["a"]);
    assertEquals(namesOf(undefined), []);
  });
});

describe("wantedBits()", () => {
  it("is what ethtool sends", () => {
    const { command, version } = features.decode(ETHTOOL.setFeatures.bytes);
    const attributes = { header: { name: "va", flags: 1 }, wanted: wantedBits({ "rx-gro": true }) };
    assertEquals(hex(features.encode({ command, version, attributes })), hex(ETHTOOL.setFeatures.bytes));
  });
});

describe("channelsCodec", () => {
  it("reads what the kernel and ethtool wrote, and writes the same bytes", () => {
    checkVector(channels, ETHTOOL.getChannels, { command: 17, attributes: { header: { name: "va" } } });
    checkVector(channels, ETHTOOL.channels, { attributes: { rx: 1, tx: 1, rxMax: 2, txMax: 2 } });
    checkVector(channels, ETHTOOL.setChannels, { command: 18, attributes: { rx: 1, tx: 1 } });
    checkTruncated((bytes) => channelsOf(channels.decode(bytes).attributes), ETHTOOL.channels);
  });
});

describe("channelsOf()", () => {
  it("leaves out the kinds of channel that the link does not have", () => {
    assertEquals(channelsOf(channels.decode(ETHTOOL.channels.bytes).attributes), {
      rx: 1,
      tx: 1,
      max: { rx: 2, tx: 2 },
    });
  });
});

describe("headerOf()", () => {
  it("names a link by its index or by its name", () => {
    assertObjectMatch(headerOf({ index: 7 }), { index: 7 });
    assertEquals(headerOf({ name: "eth0" }), { name: "eth0" });
  });
});

import LockstepMPI
import XCTest

/// At which of its addresses rank zero's watchdog listens.
final class WatchAddressTests: XCTestCase {
    /// An IPv4 address as `getifaddrs` gives it, such as `10.0.0.1/24`: family 2, no port.
    private func address(_ text: String) -> WatchAddress {
        let parts = text.split(separator: "/")
        let bytes = parts[0].replacingOccurrences(of: ".", with: " ")
        return WatchAddress(text: "\(parts[1]) 2 0 0 0 \(bytes) 0 0 0 0 0 0 0 0")
    }

    private let loopback = "127.0.0.1/8"
    /// A bridge of containers has the same address on every host.
    private let bridge = "172.17.0.1/16"

    private func listening(own: [String], others: [[String]], isShared: Bool = false) -> [WatchAddress] {
        WatchAddress.toListen(own: own.map(address), others: others.map { $0.map(address) }, isShared: isShared)
    }

    func testOnOneHostTheLoopbackAlone() {
        XCTAssertEqual(listening(own: [loopback, "10.0.0.1/24", bridge], others: [], isShared: true), [address(loopback)])
        // Where it is down.
        XCTAssertEqual(listening(own: ["10.0.0.1/24"], others: [], isShared: true), [address("10.0.0.1/24")])
    }

    func testOnSeveralHostsTheNetworksThatBothHave() {
        let own = [loopback, "10.0.0.1/24", "192.168.7.1/30", bridge]
        XCTAssertEqual(listening(own: own, others: [[loopback, "10.0.0.2/24", bridge]]), [address("10.0.0.1/24")])
        XCTAssertEqual(
            listening(own: own, others: [["10.0.0.2/24"], ["192.168.7.2/30"]], isShared: true),
            [address(loopback), address("10.0.0.1/24"), address("192.168.7.1/30")])
    }

    func testWithoutANetworkInCommonWhicheverThereIs() {
        let own = [loopback, "10.0.0.1/24", bridge]
        XCTAssertEqual(listening(own: own, others: [["10.0.1.2/24", bridge]]), [address("10.0.0.1/24"), address(bridge)])
    }

    func testNetworksAreToldByTheirBits() {
        XCTAssert(address("10.0.0.1/23").reaches(address("10.0.1.2/23")))
        XCTAssertFalse(address("10.0.0.1/24").reaches(address("10.0.1.2/24")))
        XCTAssertFalse(address("10.0.0.1/24").reaches(address("10.0.0.1/24")))
        XCTAssert(address("10.0.0.1/0").reaches(address("11.0.0.1/0")))
        XCTAssertFalse(address(loopback).reaches(address("127.0.0.2/8")))
    }
}

import LockstepSystem
import LockstepTensor

// Arguments that a program passes are held to the rules that `Config` has for those of a configuration.

/// Stops at a number that is not finite: no argument has a use for one, and a file that holds it cannot be opened again.
func checkFinite(_ owner: String, _ arguments: KeyValuePairs<String, any BinaryFloatingPoint>) {
    for (name, value) in arguments { check(value.isFinite, "\(owner): expected a finite \(name), got \(value)") }
}

/// One warning where Keras takes a number with which its formula means nothing.
func warn<Number: BinaryFloatingPoint>(
    _ owner: String, _ name: String, _ value: Number, atLeast lowest: Number, atMost highest: Number = .infinity,
    below end: Number = .infinity
) {
    if value >= lowest, value <= highest, value < end { return }
    let upper = end < .infinity ? " and less than \(end)" : highest < .infinity ? " and at most \(highest)" : ""
    Console.warn("\(owner): \(name) is \(value); it makes sense if at least \(lowest)\(upper)")
}

/// Records operations and gives gradients of what they computed.
///
///     let tape = GradientTape()
///     let loss = tape.record { mean(square(x.matmul(w.value) - y)) }
///     let gradients = tape.gradient(loss, [w])
///
/// Trainable variables that are read while the tape records are watched by themselves; other tensors with `watch`. A
/// tape gives gradients once and then forgets its records, unless it is `persistent`. While an outer tape records,
/// computing a gradient is recorded too: that is how gradients of gradients are taken.
///
/// Reverse accumulation (Griewank & Walther 2008, ch. 3), semantics of `tf.GradientTape`.
public final class GradientTape {
    nonisolated(unsafe) static var active: [GradientTape] = []

    private var records: [Record] = []
    /// What each variable showed when it was read, in order of reading.
    private var reads: [ObjectIdentifier: [Tensor]] = [:]
    /// Identities of the values that the watched ones have reached; kept alive by `records` and `watched`.
    private var reached: Set<ObjectIdentifier> = []
    private var watched: [Tensor] = []
    private let persistent: Bool
    private var spent = false

    public init(persistent: Bool = false) { self.persistent = persistent }

    /// Records what `body` computes.
    public func record<Result>(_ body: () throws -> Result) rethrows -> Result {
        check(!spent, "GradientTape: this tape has given its gradients; make it persistent to use it again")
        GradientTape.active.append(self)
        defer { GradientTape.active.removeAll { $0 === self } }
        return try body()
    }

    /// Makes gradients with respect to `tensor` available.
    public func watch(_ tensor: Tensor) {
        watched.append(tensor)
        reached.insert(ObjectIdentifier(tensor.value))
    }

    /// The gradients of the sum of `target`'s elements with respect to variables; `nil` where it does not depend on one.
    public func gradient(_ target: Tensor, _ variables: [Variable]) -> [Tensor?] {
        let sources = variables.map { reads[ObjectIdentifier($0)] ?? [] }
        var gradients = gradient(of: target, sources.flatMap { $0 })[...]
        return sources.map { reads in
            let parts = gradients.prefix(reads.count).compactMap { $0 }
            gradients = gradients.dropFirst(reads.count)
            return parts.isEmpty ? nil : parts.dropFirst().reduce(parts[0], sumOfGradients)
        }
    }

    public func gradient(_ target: Tensor, _ variable: Variable) -> Tensor? { gradient(target, [variable])[0] }

    /// The gradients with respect to watched tensors, or to any that were computed from them; `nil` for others.
    public func gradient(_ target: Tensor, _ tensors: [Tensor]) -> [Tensor?] { gradient(of: target, tensors) }

    public func gradient(_ target: Tensor, _ tensor: Tensor) -> Tensor? { gradient(of: target, [tensor])[0] }
}

// MARK: Recording

extension GradientTape {
    /// Whether gradients with respect to `tensor` lead to watched ones.
    func reaches(_ tensor: Tensor) -> Bool { reached.contains(ObjectIdentifier(tensor.value)) }

    /// Notes an operation on every active tape that watches one of its inputs.
    static func record(_ record: Record) {
        for tape in active where record.inputs.contains(where: { tape.reached.contains(ObjectIdentifier($0.value)) }) {
            tape.records.append(record)
            for output in record.outputs where output.dtype == .float32 { tape.reached.insert(ObjectIdentifier(output.value)) }
        }
    }

    /// Notes that `variable` was read as `tensor`.
    static func read(_ variable: Variable, as tensor: Tensor) {
        for tape in active {
            let identity = ObjectIdentifier(tensor.value)
            if tape.reached.insert(identity).inserted || tape.reads[ObjectIdentifier(variable)] == nil {
                tape.reads[ObjectIdentifier(variable), default: []].append(tensor)
            }
        }
    }
}

// MARK: Reverse accumulation

extension GradientTape {
    private func gradient(of target: Tensor, _ sources: [Tensor]) -> [Tensor?] {
        check(!spent, "GradientTape: this tape has given its gradients; make it persistent to use it again")
        let watched = sources.map { reached.contains(ObjectIdentifier($0.value)) }
        let (needed, records) = (values(leadingFrom: zip(sources, watched).compactMap { $1 ? $0 : nil }), self.records)
        if !persistent {
            spent = true
            self.records = []
        }
        var gradients: [ObjectIdentifier: Tensor] = [ObjectIdentifier(target.value): .ones(target.shape)]
        for record in records.reversed() {
            let upstream = record.outputs.map { gradients[ObjectIdentifier($0.value)] }
            let wanted = record.inputs.map { needed.contains(ObjectIdentifier($0.value)) }
            guard upstream.contains(where: { $0 != nil }), wanted.contains(true) else { continue }
            let contributions = record.operation.gradients(record, upstream, needed: wanted)
            for (index, contribution) in contributions.enumerated() where wanted[index] {
                guard let contribution else { continue }
                let input = record.inputs[index]
                check(
                    contribution.shape == input.shape,
                    "\(record.operation.name): gradient of shape \(contribution.shape) for an input of shape \(input.shape)")
                let identity = ObjectIdentifier(input.value)
                gradients[identity] = gradients[identity].map { sumOfGradients($0, contribution) } ?? contribution
            }
        }
        return zip(sources, watched).map { $1 ? gradients[ObjectIdentifier($0.value)] : nil }
    }

    /// The identities of all values that depend on one of `sources`: only these need gradients.
    private func values(leadingFrom sources: [Tensor]) -> Set<ObjectIdentifier> {
        var reached = Set(sources.map { ObjectIdentifier($0.value) })
        for record in records where record.inputs.contains(where: { reached.contains(ObjectIdentifier($0.value)) }) {
            for output in record.outputs where output.dtype == .float32 { reached.insert(ObjectIdentifier(output.value)) }
        }
        return reached
    }
}

import Lockstep

extension ConfigValue {
    /// JSON that every reader takes: `null` in place of NaN and the infinities, for which JSON has no words.
    var strictJSON: String { finite.json }

    private var finite: ConfigValue {
        switch self {
        case .double(let value) where !value.isFinite: .null
        case .array(let values): .array(values.map(\.finite))
        case .object(let entries): .object(entries.map { .init($0.key, $0.value.finite) })
        default: self
        }
    }
}

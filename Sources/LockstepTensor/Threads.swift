import CKernels
import COpenBLAS

/// The threads that matrix products and convolutions of this process use.
public enum Threads {
    public static var count: Int {
        get { Int(openblas_get_num_threads()) }
        set {
            check(newValue > 0, "Threads: expected a positive number of threads, got \(newValue)")
            openblas_set_num_threads(Int32(clamping: newValue))
        }
    }

    /// The kernels that OpenBLAS picked for this CPU: `SkylakeX`, `Haswell`, …
    public static var blasCore: String { String(cString: openblas_get_corename()) }

    /// The release of OpenBLAS, and how it was built.
    public static var blasVersion: String {
        String(cString: openblas_get_config()).split(separator: " ").joined(separator: " ")
    }

    /// The instruction set of our own kernels here: `x86-64-v4`, …
    public static let vectorUnit = String(cString: lk_vector_unit())
}

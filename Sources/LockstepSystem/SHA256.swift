import CCrypto

/// SHA-256 (FIPS 180-4), and the keyed hash made from it (HMAC, RFC 2104), by OpenSSL.
public enum SHA256 {
    /// The 32 bytes of the hash.
    public static func hash(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        let stream = Stream()
        stream.add(bytes)
        return stream.finish()
    }

    /// The hash of bytes that come in pieces.
    package final class Stream {
        private let context = EVP_MD_CTX_new()

        package init() { EVP_DigestInit_ex(context, EVP_sha256(), nil) }
        deinit { EVP_MD_CTX_free(context) }

        package func add(_ bytes: UnsafeRawBufferPointer) { EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }

        /// The hash of all that was added; nothing can be added behind it.
        package func finish() -> [UInt8] {
            var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
            EVP_DigestFinal_ex(context, &digest, nil)
            return digest
        }
    }

    /// The hash of `message` that only those who know `key` can compute.
    public static func keyedHash(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &digest, nil)
        return digest
    }

    /// As `sha256sum` writes it.
    public static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

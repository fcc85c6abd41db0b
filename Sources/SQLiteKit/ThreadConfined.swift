/// Carries a value that is not thread-safe to the one thread that may use it.
///
/// `@unchecked Sendable` is sound because every use of `value` is inside work that runs on that thread: `Writer` and
/// `Reader` never hand it out.
struct ThreadConfined<Value>: @unchecked Sendable {
    let value: Value
}

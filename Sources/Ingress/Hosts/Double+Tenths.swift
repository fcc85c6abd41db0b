extension Double {
    /// With one decimal, as people read it.
    var tenths: String { "\((self * 10).rounded() / 10)" }
}

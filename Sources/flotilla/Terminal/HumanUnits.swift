/// Figures as people read them.
enum HumanUnits {
    /// A number without a needless fraction: `10`, `0.5`.
    static func plain(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
    }

    /// A number with a fixed count of decimals.
    static func decimals(_ number: Double, _ count: Int) -> String {
        guard number.isFinite, abs(number) < 1e15 else { return "–" }
        var scale = 1
        for _ in 0..<count { scale *= 10 }
        let scaled = Int((number.magnitude * Double(scale)).rounded())
        let sign = number < 0 && scaled > 0 ? "-" : ""
        guard count > 0 else { return "\(sign)\(scaled)" }
        let fraction = "\(scaled % scale)"
        return "\(sign)\(scaled / scale)." + String(repeating: "0", count: count - fraction.count) + fraction
    }

    /// Bytes in binary units: `512 B`, `1.5 KiB`, `23 GiB`.
    static func bytes(_ count: Double) -> String {
        var value = count
        var units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"][...]
        while value >= 1024, units.count > 1 {
            value /= 1024
            units.removeFirst()
        }
        let digits = value >= 10 || units.first == "B" ? 0 : 1
        return "\(decimals(value, digits)) \(units.first ?? "B")"
    }

    /// Seconds in their two greatest units: `5s`, `2m 5s`, `3h 20m`, `4d 7h`.
    static func duration(seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e12 else { return "–" }
        if seconds > 0, seconds < 1 { return "\(Int(seconds * 1000))ms" }
        let whole = max(0, Int(seconds))
        let (days, hours, minutes) = (whole / 86400, whole % 86400 / 3600, whole % 3600 / 60)
        if days > 0 { return "\(days)d \(hours)h" }
        if hours > 0 { return "\(hours)h \(minutes)m" }
        return minutes > 0 ? "\(minutes)m \(whole % 60)s" : "\(whole)s"
    }

    /// A duration as it is typed: `90`, `90s`, `10m`, `2h`, `7d`, `500ms`; nil when it is none of these or negative.
    static func duration(parsing text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(digits.count)
        guard !digits.isEmpty, let number = Double(digits) else { return nil }
        let scales: [Substring: Double] = ["": 1, "ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400]
        // 10,000 years keep every later sum within its integer.
        guard let scale = scales[unit], number * scale < 3.2e11 else { return nil }
        return .milliseconds(Int64((number * scale * 1000).rounded()))
    }
}

extension Duration {
    /// The whole duration in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

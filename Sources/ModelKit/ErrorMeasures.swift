import Glibc

/// How far approximated weights are from the true ones.
///
/// These are measures of the weights; none says how accurate a model is. Sums are of doubles, so buffers may be added
/// tensor by tensor. A weight or approximation that is NaN or infinite makes the measures nil and is counted.
package struct ErrorMeasures: Sendable, Hashable {
    /// Weights compared so far.
    package private(set) var count = 0
    /// Pairs of which one was NaN or infinite; they are in no sum.
    package private(set) var nonFiniteCount = 0
    /// `max |w − ŵ|`.
    package private(set) var maximumError = 0.0
    private var weightSquares = 0.0
    private var approximationSquares = 0.0
    private var products = 0.0
    private var errorSquares = 0.0

    package init() {}

    package init(weights: [Float], approximations: [Float]) {
        weights.withUnsafeBufferPointer { weights in
            approximations.withUnsafeBufferPointer { add(weights: weights, approximations: $0) }
        }
    }

    /// Adds as many pairs as the shorter buffer holds.
    package mutating func add(weights: UnsafeBufferPointer<Float>, approximations: UnsafeBufferPointer<Float>) {
        let pairs = min(weights.count, approximations.count)
        count += pairs
        for index in 0..<pairs {
            let weight = Double(weights[index])
            let approximation = Double(approximations[index])
            guard weight.isFinite, approximation.isFinite else {
                nonFiniteCount += 1
                continue
            }
            let error = weight - approximation
            weightSquares += weight * weight
            approximationSquares += approximation * approximation
            products += weight * approximation
            errorSquares += error * error
            maximumError = max(maximumError, abs(error))
        }
    }

    /// Adds what another compared.
    package mutating func add(_ other: ErrorMeasures) {
        count += other.count
        nonFiniteCount += other.nonFiniteCount
        maximumError = max(maximumError, other.maximumError)
        weightSquares += other.weightSquares
        approximationSquares += other.approximationSquares
        products += other.products
        errorSquares += other.errorSquares
    }

    /// Signal to quantization noise ratio, `10·log10(Σw²/Σ(w−ŵ)²)` in dB.
    ///
    /// Infinite for an exact approximation; nil without a weight other than 0, or with a pair that is not finite.
    package var signalToNoise: Double? {
        guard nonFiniteCount == 0, weightSquares > 0 else { return nil }
        return errorSquares > 0 ? 10 * log10(weightSquares / errorSquares) : .infinity
    }

    /// The cosine of the angle between weights and approximations, −1 to 1.
    ///
    /// Nil when either is all 0, or with a pair that is not finite.
    package var cosine: Double? {
        guard nonFiniteCount == 0, weightSquares > 0, approximationSquares > 0 else { return nil }
        return min(max(products / (weightSquares.squareRoot() * approximationSquares.squareRoot()), -1), 1)
    }
}

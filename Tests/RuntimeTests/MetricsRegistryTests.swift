import Testing

@testable import Runtime

@Suite struct MetricsRegistryTests {
    private let registry = MetricsRegistry()

    @Test func rendersEveryKindSortedByName() {
        registry.gauge("temperature", help: "Degrees.").set(-1.5)
        let requests = registry.counter("requests_total", help: "Requests.", labels: ["method", "status"])
        requests.increment(["POST", "202"])
        requests.increment(by: 2, ["GET", "200"])
        let seconds = registry.histogram("seconds", help: "Time.", labels: ["route"], buckets: [1, 0.1, .infinity])
        for value in [0.05, 0.1, 0.5, 7] { seconds.observe(value, ["/"]) }
        #expect(
            registry.render() == """
                # HELP requests_total Requests.
                # TYPE requests_total counter
                requests_total{method="GET",status="200"} 2
                requests_total{method="POST",status="202"} 1
                # HELP seconds Time.
                # TYPE seconds histogram
                seconds_bucket{route="/",le="0.1"} 2
                seconds_bucket{route="/",le="1"} 3
                seconds_bucket{route="/",le="+Inf"} 4
                seconds_sum{route="/"} 7.65
                seconds_count{route="/"} 4
                # HELP temperature Degrees.
                # TYPE temperature gauge
                temperature -1.5

                """)
    }

    @Test func showsCountersAtZeroButNoGaugeBeforeItIsSet() {
        _ = registry.counter("a_total", help: "A.")
        let gauge = registry.gauge("b", help: "B.")
        #expect(registry.render().contains("\na_total 0\n"))
        #expect(!registry.render().contains("\nb "))
        gauge.add(2)
        gauge.add(-3)
        #expect(registry.render().contains("\nb -1\n"))
    }

    @Test func escapesWhatComesFromOutside() {
        registry.counter("bad name!", help: "Two\nlines \\ \"quoted\".", labels: ["a-b"]).increment(["x\"\\\ny"])
        #expect(
            registry.render() == #"""
                # HELP bad_name_ Two\nlines \\ "quoted".
                # TYPE bad_name_ counter
                bad_name_{a_b="x\"\\\ny"} 1

                """#)
    }

    @Test func boundsTheSeries() {
        let counter = registry.counter("c_total", help: "C.", labels: ["host", "disk"], maximumSeries: 2)
        for host in 0..<10 { counter.increment(["h\(host)", "d"]) }
        counter.increment(["h0", "d"])
        let text = registry.render()
        #expect(text.contains("c_total{host=\"h0\",disk=\"d\"} 2\n"))
        #expect(text.contains("c_total{host=\"other\",disk=\"other\"} 8\n"))
        #expect(text.split(separator: "\n").count == 5)
    }

    @Test func freesTheSeriesOfWhatIsGone() {
        let gauge = registry.gauge("g", help: "G.", labels: ["host"], maximumSeries: 1)
        gauge.set(1, ["a"])
        gauge.remove(["a"])
        gauge.set(2, ["b"])
        #expect(registry.render().hasSuffix("gauge\ng{host=\"b\"} 2\n"))
    }

    @Test func givesTheSameFamilyForTheSameName() {
        registry.counter("same_total", help: "Same.", labels: ["a"]).increment(["1"])
        registry.counter("same_total", help: "Same.", labels: ["a"]).increment(["1"])
        #expect(registry.render().contains("same_total{a=\"1\"} 2\n"))
    }

    @Test func countsConflictsInsteadOfCrashing() {
        registry.counter("x", help: "X.").increment()
        registry.gauge("x", help: "X.").set(9)
        registry.counter("x", help: "X.", labels: ["a"]).increment(["1"])
        let text = registry.render()
        #expect(text.contains("\nx 1\n"))
        #expect(text.contains("metrics_conflicts_total 2\n"))
    }

    @Test func takesTooFewAndTooManyLabelValues() {
        let counter = registry.counter("l_total", help: "L.", labels: ["a", "b"])
        counter.increment(["1"])
        counter.increment(["1", "2", "3"])
        let text = registry.render()
        #expect(text.contains("l_total{a=\"1\",b=\"\"} 1\n"))
        #expect(text.contains("l_total{a=\"1\",b=\"2\"} 1\n"))
    }

    @Test func samplesBeforeEachRendering() {
        let gauge = registry.gauge("sampled", help: "S.")
        registry.beforeRender { gauge.add(1) }
        _ = registry.render()
        #expect(registry.render().contains("\nsampled 2\n"))
    }

    @Test func neverLetsACounterFall() {
        let counter = registry.counter("up_total", help: "U.")
        counter.increment(by: -1)
        counter.increment(by: .nan)
        #expect(counter.labelled([]).value == 0)
    }

    @Test func losesNoUpdateOfManyThreads() async {
        let counter = registry.counter("n_total", help: "N.").labelled([])
        let histogram = registry.histogram("h", help: "H.").labelled([])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<5000 {
                        counter.increment()
                        histogram.observe(.milliseconds(3))
                    }
                }
            }
        }
        #expect(counter.value == 40_000)
        #expect(registry.render().contains("h_bucket{le=\"0.005\"} 40000\n"))
        #expect(registry.render().contains("h_bucket{le=\"0.0025\"} 0\n"))
    }

    @Test func writesNumbersAsPrometheusReadsThem() {
        let numbers: [Double] = [0, -3, 1e15, 1e300, 0.1, .infinity, -.infinity, .nan]
        #expect(
            numbers.map(MetricsText.number) == ["0", "-3", "1000000000000000", "1e+300", "0.1", "+Inf", "-Inf", "NaN"])
    }
}

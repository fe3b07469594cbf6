// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
#if Metrics
    public import CoreMetrics
    public import DebugVariables

    /// Shows every metric of swift-metrics as a variable of a registry.
    ///
    /// ```swift
    /// MetricsSystem.bootstrap(DebugMetricsFactory(.shared))
    /// ```
    ///
    /// | swift-metrics | variable |
    /// |---|---|
    /// | `Counter` | a counter |
    /// | `FloatingPointCounter` | a counter with a fraction |
    /// | `Gauge`, `Meter` | a gauge |
    /// | `Recorder` | a histogram |
    /// | `Timer` | a histogram in seconds |
    ///
    /// Dimensions are labels. A label that is a name already is kept; in another, such as `http.server.requests`, every character
    /// that no name may have becomes `_`. Where two metrics would have one name, the one made second gets its kind's word
    /// appended or its label escaped, and the registry's problems say so. Metrics of one label may have different dimensions: a
    /// dimension that a metric lacks is an empty label value, which Prometheus treats as none.
    ///
    /// Keep a metric that is hot: making one again finds the same variable, but under a lock and with some allocations. A kept
    /// counter's increment is the variable's own behind one dynamic call. Safe from any thread; nothing here traps or throws.
    public struct DebugMetricsFactory: MetricsFactory {
        /// Upper bounds for recorders, whose unit nobody knows: the powers of four up to 2^30.
        public static let defaultRecorderBounds: [Double] = (0...15).map { Double(1 << (2 * $0)) }

        private let registry: VariableRegistry
        private let metrics: BridgedMetrics
        private let limit: Int
        private let timers: MemberKind<HistogramVariable>
        private let recorders: MemberKind<HistogramVariable>

        /// - Parameters:
        ///   - timerBounds: upper bounds of the buckets of timers, in seconds; as for ``VariableRegistry/histogram(_:help:unit:bounds:)``.
        ///   - recorderBounds: those of recorders.
        ///   - limit: how many sets of dimension values one label may have; what comes after is counted under `other`.
        public init(
            _ registry: VariableRegistry = .shared, timerBounds: [Double] = HistogramVariable.defaultBounds,
            recorderBounds: [Double] = defaultRecorderBounds, limit: Int = 1000
        ) {
            self.registry = registry
            self.limit = limit
            metrics = registry.attached { BridgedMetrics(registry) }
            timers = .histogram(bounds: registry.usableBounds(timerBounds, of: "timers"), unit: "seconds")
            recorders = .histogram(bounds: registry.usableBounds(recorderBounds, of: "recorders"), unit: "")
        }

        public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
            let (variable, origin) = member(label, .counter, dimensions, .counter)
            return CounterHandle(variable, origin: origin)
        }

        public func makeFloatingPointCounter(
            label: String, dimensions: [(String, String)]
        ) -> any FloatingPointCounterHandler {
            let (variable, origin) = member(label, .floatingCounter, dimensions, .floatingCounter)
            return BridgedFloatingPointCounter(variable, origin)
        }

        public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
            let (variable, origin) = member(label, .meter, dimensions, .gauge)
            return BridgedGauge(variable, origin)
        }

        public func makeRecorder(
            label: String, dimensions: [(String, String)], aggregate: Bool
        ) -> any RecorderHandler {
            guard aggregate else {
                let (variable, origin) = member(label, .gauge, dimensions, .gauge)
                return BridgedGauge(variable, origin)
            }
            let (variable, origin) = member(label, .recorder, dimensions, recorders)
            return BridgedHistogram(variable, origin)
        }

        public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
            let (variable, origin) = member(label, .timer, dimensions, timers)
            return BridgedHistogram(variable, origin)
        }

        /// Stops exporting the counter. Others with its label and dimensions are the same variable, so they go with it.
        public func destroyCounter(_ handler: any CounterHandler) {
            destroy((handler as? CounterHandle)?.origin as? MetricOrigin, CounterVariable.self)
        }

        /// Stops exporting the counter; see ``destroyCounter(_:)``.
        public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
            destroy((handler as? BridgedFloatingPointCounter)?.origin, FloatingCounterVariable.self)
        }

        /// Stops exporting the meter; see ``destroyCounter(_:)``.
        public func destroyMeter(_ handler: any MeterHandler) {
            destroy((handler as? BridgedGauge)?.origin, GaugeVariable.self)
        }

        /// Stops exporting the recorder or gauge; see ``destroyCounter(_:)``.
        public func destroyRecorder(_ handler: any RecorderHandler) {
            destroy((handler as? BridgedGauge)?.origin, GaugeVariable.self)
            destroy((handler as? BridgedHistogram)?.origin, HistogramVariable.self)
        }

        /// Stops exporting the timer; see ``destroyCounter(_:)``.
        public func destroyTimer(_ handler: any TimerHandler) {
            destroy((handler as? BridgedHistogram)?.origin, HistogramVariable.self)
        }

        private func member<Member: Variable>(
            _ label: String, _ kind: MetricKind, _ dimensions: [(String, String)], _ member: MemberKind<Member>
        ) -> (Member, MetricOrigin) {
            let place = MetricPlace(label: label, kind: kind)
            return (
                metrics.member(place, dimensions, limit: limit, member),
                MetricOrigin(place: place, dimensions: dimensions)
            )
        }

        private func destroy<Member: Variable>(_ origin: MetricOrigin?, _ member: Member.Type) {
            guard let origin else { return }
            metrics.destroy(origin.place, origin.dimensions, member)
        }
    }
#else
    public import DebugVariables

    @available(*, unavailable, message: "add \"Metrics\" to the traits of the dependency on swift-debug-endpoint")
    public struct DebugMetricsFactory {
        // As the real one is called, so that the sentence above is what the compiler says.
        public init(
            _ registry: VariableRegistry = .shared, timerBounds: [Double] = [], recorderBounds: [Double] = [],
            limit: Int = 0
        ) {}
    }
#endif

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Whoever imports DebugEndpoint sees the variables and the metrics too.
@_exported public import DebugVariables
@_exported public import RuntimeMetrics

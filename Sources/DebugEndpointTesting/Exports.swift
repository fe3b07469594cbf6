// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
// Tests see the client too, which is a product of its own for programs that are no tests.
@_exported public import DebugEndpointClient

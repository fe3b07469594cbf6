// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Testing

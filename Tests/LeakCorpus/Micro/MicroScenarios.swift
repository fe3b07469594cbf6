// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0

let microScenarios = microChannelScenarios + microLockScenarios

// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import Hummingbird

/// Counts and times every request.
struct RequestStatistics<Context: RequestContext>: RouterMiddleware {
    let statistics: ServiceStatistics

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var status = HTTPResponse.Status.internalServerError
        statistics.requestsInFlight.add(1)
        defer {
            let route = context.endpointPath ?? "none"
            statistics.requests[route, String(status.code)].increment()
            statistics.requestDuration[route].record((ContinuousClock.now - start) / .seconds(1))
            statistics.requestsInFlight.add(-1)
        }
        do {
            let response = try await next(request, context)
            status = response.status
            return response
        } catch let error as any HTTPResponseError {
            status = error.status
            throw error
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
#include "core/workplaces.hpp"

#include "core/http/run_on.hpp"

#include <algorithm>
#include <utility>

namespace gatehouse::core {

namespace {

using std::chrono::milliseconds;

UpstreamSettings upstream_of(const Settings& settings) {
    const UpstreamOptions& options = settings.upstream;
    return {.connect_timeout = milliseconds(options.connect_timeout_ms),
            .first_byte_timeout = milliseconds(options.first_byte_timeout_ms),
            .idle_timeout = milliseconds(options.idle_timeout_ms),
            .total_timeout = milliseconds(options.answer_timeout_ms),
            .tls = settings.upstream_tls,
            .proxy = options.proxy};
}

}  // namespace

void Workplaces::start(const std::vector<Loop*>& loops, const std::shared_ptr<const Context>& context,
                       Pool& computing, Memory& memory) {
    const UpstreamSettings upstream = upstream_of(context->settings);
    for (Loop* loop : loops)
        run_on(*loop, [&] {
            auto place = std::make_unique<Workplace>();
            place->upstream = make_upstream(*loop, upstream);
            place->site = {loop, place->upstream.get(), &computing, &memory};
            place->context = context;
            all_.push_back(std::move(place));
        });
}

void Workplaces::install(const std::shared_ptr<const Context>& context) {
    const UpstreamSettings upstream = upstream_of(context->settings);
    for (const auto& place : all_)
        run_on(*place->site.loop, [&] {
            place->context = context;
            place->upstream->configure(upstream);
        });
}

void Workplaces::leave_context() {
    for (const auto& place : all_) place->context.reset();
}

std::vector<Site> Workplaces::sites() const {
    std::vector<Site> sites;
    for (const auto& place : all_) sites.push_back(place->site);
    return sites;
}

const Workplace& Workplaces::of(const Loop& loop) const {
    return **std::ranges::find_if(all_, [&](const auto& place) { return place->site.loop == &loop; });
}

}  // namespace gatehouse::core

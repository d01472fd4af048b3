// SPDX-License-Identifier: Apache-2.0
// Which client a request goes to.
#include "core/http/upstream.hpp"

#include "core/http/curl_library.hpp"
#include "core/http/direct/direct_upstream.hpp"
#include "core/http/upstream_target.hpp"

namespace gatehouse::core {

namespace {

class EitherUpstream final : public Upstream {
public:
    EitherUpstream(Loop& loop, const UpstreamSettings& settings)
        : loop_(loop), settings_(settings), direct_(loop, settings) {
        // Soon needed: not by a request that would wait for it.
        if (may_proxy(settings.proxy)) (void)curl::load();
    }

    std::unique_ptr<Transfer> start(http::Request request, TransferListener& listener) override {
        if (auto transfer = direct_.start(request, listener)) return transfer;
        if (!curl_) {
            auto made = make_curl_upstream(loop_, settings_);
            if (!made) return direct_.refuse(made.error(), listener);
            curl_ = *std::move(made);
        }
        return curl_->start(std::move(request), listener);
    }

    void configure(const UpstreamSettings& settings) override {
        settings_ = settings;
        direct_.configure(settings);
        if (curl_) curl_->configure(settings);
    }

private:
    Loop& loop_;
    UpstreamSettings settings_;
    DirectUpstream direct_;
    std::unique_ptr<Upstream> curl_;
};

}  // namespace

std::unique_ptr<Upstream> make_upstream(Loop& loop, const UpstreamSettings& settings) {
    return std::make_unique<EitherUpstream>(loop, settings);
}

}  // namespace gatehouse::core

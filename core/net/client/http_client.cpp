// SPDX-License-Identifier: Apache-2.0
// Selects the native client or libcurl for each request.
#include "core/net/client/http_client.hpp"

#include "core/net/client/curl/curl_library.hpp"
#include "core/net/client/native/native_http_client.hpp"
#include "core/net/client/upstream_target.hpp"

namespace gatehouse::core {

namespace {

class UpstreamClient final : public HttpClient {
public:
    UpstreamClient(Loop& loop, const HttpClientSettings& settings)
        : loop_(loop), settings_(settings), direct_(loop, settings) {
        // Loads libcurl early if proxies need it, so that no request waits for it.
        if (may_proxy(settings.proxy)) (void)curl::load();
    }

    std::unique_ptr<Transfer> start(http::Request request, const RouteTimeouts& timeouts,
                                    TransferListener& listener) override {
        if (auto transfer = direct_.start(request, timeouts, listener)) return transfer;
        if (!curl_) {
            auto made = make_curl_http_client(loop_, settings_);
            if (!made) return direct_.refuse(made.error(), listener);
            curl_ = *std::move(made);
        }
        return curl_->start(std::move(request), timeouts, listener);
    }

    void configure(const HttpClientSettings& settings) override {
        settings_ = settings;
        direct_.configure(settings);
        if (curl_) curl_->configure(settings);
    }
    const HttpClientSettings& settings() const override { return settings_; }

private:
    Loop& loop_;
    HttpClientSettings settings_;
    NativeHttpClient direct_;
    std::unique_ptr<HttpClient> curl_;
};

}  // namespace

std::unique_ptr<HttpClient> make_http_client(Loop& loop, const HttpClientSettings& settings) {
    return std::make_unique<UpstreamClient>(loop, settings);
}

}  // namespace gatehouse::core

// SPDX-License-Identifier: Apache-2.0
// One request on a library.  Calls of the core become calls of the C interface, and the
// library's output becomes events.
#pragma once

#include "plugins/provider/c_bridge/backend.hpp"
#include "plugins/provider/c_bridge/outlet.hpp"

#include <gatehouse/provider.hpp>

#include <optional>
#include <string>

namespace gatehouse::c_bridge {

/// One thread at a time.
class CExchange final : public Exchange {
public:
    /// REQUIRES: `backend` outlives it.
    CExchange(const Backend& backend, Asked asked);
    ~CExchange() override;

    /// Sends the request to the library.  REQUIRES: called once, before all other calls.
    Result<void> begin(const char* operation, const std::string& request);

    Result<std::optional<http::Request>> request() override;
    void head(const http::ResponseHead& head) override;
    Result<void> body(std::string_view bytes, EventSink& events) override;
    Result<void> end(EventSink& events) override;
    Result<std::optional<http::Request>> next() override;
    bool complete() const override;
    bool amend(const Error& error) override;
    std::string_view request_id_header() const override { return backend_.description().request_id_header; }

private:
    bool good() const { return head_.status >= 200 && head_.status < 300; }
    ProviderCall speaking(const char* name, EventSink& events);
    Result<void> settled(ProviderOutcome& said);
    Result<void> complete_answer() const;
    void forget_answer();

    const Backend& backend_;
    const gatehouse_c_door& entry_;
    const Asked asked_;
    void* exchange_ = nullptr;
    ProviderOutlet outlet_;
    std::optional<AnswerRules> rules_;
    http::ResponseHead head_;
    std::string error_body_;
};

}  // namespace gatehouse::c_bridge

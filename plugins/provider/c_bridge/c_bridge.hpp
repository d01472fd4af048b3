// SPDX-License-Identifier: Apache-2.0
// The provider that runs a library through the C interface.  One instance per
// [provider.NAME] table.  Any thread may request exchanges.
#pragma once

#include "plugins/provider/c_bridge/backend.hpp"
#include "plugins/provider/c_bridge/c_exchange.hpp"

#include <gatehouse/provider.hpp>

#include <string>

namespace gatehouse::c_bridge {

struct Options {
    std::string library;
    Given settings = {};
    std::string models = "listed";
};

extern const Fields<Options> fields;

class CBridge final : public Provider {
public:
    /// Throws KeyError.
    CBridge(const Options& options, Host& host);
    /// The same with a loaded library.
    CBridge(const Library& library, const Options& options, Host& host);

    Result<std::unique_ptr<Exchange>> chat(const ChatRequest& request) override;
    Result<std::unique_ptr<Exchange>> embed(const EmbeddingRequest& request) override;
    Result<std::unique_ptr<Exchange>> rerank(const RerankRequest& request) override;
    Result<std::unique_ptr<Exchange>> models() override;
    bool discovers() const override { return discovers_; }

private:
    Result<std::unique_ptr<Exchange>> begin(const char* operation, const std::string& request,
                                            Asked asked) const;

    Backend backend_;
    bool discovers_;
};

}  // namespace gatehouse::c_bridge

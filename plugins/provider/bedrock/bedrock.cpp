// SPDX-License-Identifier: Apache-2.0
// The entry point of the plugin: Amazon Bedrock Runtime's Converse and ConverseStream.
#include "plugins/common/upstream/hosted_tools.hpp"
#include "plugins/common/upstream/text_completion.hpp"
#include "plugins/provider/bedrock/chat_exchange.hpp"
#include "plugins/provider/bedrock/count_exchange.hpp"
#include "plugins/provider/bedrock/model_list.hpp"
#include "plugins/provider/bedrock/parts.hpp"

#include <gatehouse/sdk.hpp>

namespace gatehouse::bedrock {

namespace {

Service make_service(const Options& options, Host& host) {
    check_guardrail(options);
    return {.hosts = hosts_of(options),
            .guardrail = {options.guardrail, options.guardrail_version, options.guardrail_stream},
            .models = Models(options),
            .host = host};
}

}  // namespace

class Bedrock final : public Provider {
public:
    Bedrock(const Options& options, Host& host)
        : service_(make_service(options, host)),
          discovers_(options.discover || options.models_mode == "discover") {}

    Result<std::unique_ptr<Exchange>> chat(const ChatRequest& request) override {
        if (auto ok = upstream::check_text_completion(request, false); !ok) return ok.error();
        if (auto ok = upstream::check_hosted(request); !ok) return ok.error();
        return std::make_unique<ChatExchange>(service_, request);
    }
    Result<std::unique_ptr<Exchange>> embed(const EmbeddingRequest&) override {
        return no_place("Bedrock's Converse API has no embeddings: use a model of another provider", "model");
    }
    Result<std::unique_ptr<Exchange>> rerank(const RerankRequest&) override {
        return no_place("Bedrock's Converse API has no reranking: use a model of another provider", "model");
    }
    Result<std::unique_ptr<Exchange>> count_tokens(const TokenCountRequest& request) override {
        return std::make_unique<CountExchange>(service_, request.chat);
    }
    Result<std::unique_ptr<Exchange>> models() override {
        if (service_.hosts.control.empty())
            return Error{ErrorKind::unsupported,
                         "the list of Bedrock's models needs the key region or control_url"};
        return std::make_unique<ModelList>(service_);
    }
    bool discovers() const override { return discovers_; }

private:
    Service service_;
    const bool discovers_;
};

}  // namespace gatehouse::bedrock

GATEHOUSE_PLUGIN(gatehouse::bedrock::Bedrock, gatehouse::bedrock::Options, gatehouse::bedrock::fields,
                 "bedrock", "1.0.0");

// SPDX-License-Identifier: Apache-2.0
// A mapper that tries a new model on some clients.  Change it into your own.
//
// Every model name maps to the stable model.  Listed clients use the candidate, and the
// stable model if the candidate fails.
#include <gatehouse/sdk.hpp>

#include <algorithm>

using namespace gatehouse;

namespace {

// The keys of [mapper.NAME] in the gateway's TOML.  The gateway checks them.
// `gatehouse explain -c gatehouse.toml mapper my_plugin` prints them.
struct Options {
    std::string stable, candidate;
    std::vector<std::string> testers = {};
};

const Fields<Options> fields = {
    required("stable", &Options::stable, "The model for all other clients, as PROVIDER/MODEL."),
    required("candidate", &Options::candidate, "The model for the testers, as PROVIDER/MODEL."),
    optional("testers", &Options::testers, "Names of the clients that use the candidate."),
};

Route parse(const char* key, const std::string& text) {
    const std::size_t slash = text.find('/');
    // Rejects a value of the right type that cannot be used.  The message names the key.
    if (slash == std::string::npos || slash == 0 || slash + 1 == text.size())
        throw KeyError(key, "expected PROVIDER/MODEL");
    return {text.substr(0, slash), text.substr(slash + 1)};
}

// Many threads may call the members at once.  No member blocks.
class Canary final : public ModelMapper {
public:
    Canary(Options options, Host& host)
        : stable_(parse("stable", options.stable)),
          candidate_(parse("candidate", options.candidate)),
          testers_(std::move(options.testers)),
          created_(std::chrono::system_clock::to_time_t(host.now())) {}

    // The best route first.  If it fails before the first byte, the next one is tried.
    Result<std::vector<Route>> map(const RouteQuery& query) const override {
        if (query.model.empty())
            return Error{.kind = ErrorKind::not_found, .message = "name a model", .code = "model_not_found"};
        if (std::find(testers_.begin(), testers_.end(), query.who.name) != testers_.end())
            return std::vector{candidate_, stable_};
        return std::vector{stable_};
    }

    // The list for GET /v1/models.
    std::vector<ModelInfo> models(const Identity&, const Discovered&) const override {
        return {{.id = stable_.model, .owned_by = stable_.provider, .created = created_}};
    }

    std::vector<std::string> providers() const override { return {stable_.provider, candidate_.provider}; }

private:
    const Route stable_, candidate_;
    const std::vector<std::string> testers_;
    const std::int64_t created_;
};

}  // namespace

GATEHOUSE_PLUGIN(Canary, Options, fields, "my_plugin", "0.1.0");

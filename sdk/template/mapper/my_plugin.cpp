// SPDX-License-Identifier: Apache-2.0
// A mapper that tries a new model on some clients, to be changed into your own.
//
// Whatever name a client writes, it comes to the stable model.  The clients of a
// list come to the candidate, and to the stable one where the candidate fails.
#include <gatehouse/sdk.hpp>

#include <algorithm>

using namespace gatehouse;

namespace {

// The keys of [mapper.NAME] in the gateway's TOML.  The gateway checks them;
// `gatehouse explain -c gatehouse.toml mapper my_plugin` shows them.
struct Options {
    std::string stable, candidate;
    std::vector<std::string> testers = {};
};

const Fields<Options> fields = {
    required("stable", &Options::stable, "The model for everybody, as PROVIDER/MODEL."),
    required("candidate", &Options::candidate, "The model for the testers, as PROVIDER/MODEL."),
    optional("testers", &Options::testers, "Names of clients, as their authenticator gives them."),
};

Route parse(const char* key, const std::string& text) {
    const std::size_t slash = text.find('/');
    // A value that has the right type but cannot be used: reported at its key.
    if (slash == std::string::npos || slash == 0 || slash + 1 == text.size())
        throw KeyError(key, "expected PROVIDER/MODEL");
    return {text.substr(0, slash), text.substr(slash + 1)};
}

// All members are called from many threads at once, and return at once.
class Canary final : public ModelMapper {
public:
    Canary(Options options, Host& host)
        : stable_(parse("stable", options.stable)),
          candidate_(parse("candidate", options.candidate)),
          testers_(std::move(options.testers)),
          created_(std::chrono::system_clock::to_time_t(host.now())) {}

    // Best first: where one fails before the first byte, the next is tried.
    Result<std::vector<Route>> map(std::string_view model, const Identity& who) const override {
        if (model.empty())
            return Error{.kind = ErrorKind::not_found, .message = "name a model", .code = "model_not_found"};
        if (std::find(testers_.begin(), testers_.end(), who.name) != testers_.end())
            return std::vector{candidate_, stable_};
        return std::vector{stable_};
    }

    // What GET /v1/models shows.
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

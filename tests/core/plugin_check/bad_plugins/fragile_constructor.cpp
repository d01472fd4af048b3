// SPDX-License-Identifier: Apache-2.0
// A planted defect: odd values make the constructor throw what no user understands, and tell a secret.
#include <gatehouse/sdk.hpp>

using namespace gatehouse;

namespace {

struct Options {
    std::string address = "127.0.0.1:80", token;
};

const Fields<Options> fields = {
    optional("address", &Options::address, "Host and port."),
    secret("token", &Options::token, "What the backend wants to see."),
};

class Fragile final : public Provider {
public:
    Fragile(Options options, Host&) {
        if (options.address.empty()) throw KeyError("address", "empty, with the token " + options.token);
        port_ = std::stoi(options.address.substr(options.address.find(':') + 1));
    }
    Result<std::unique_ptr<Exchange>> chat(const ChatRequest&) override {
        return answer(std::to_string(port_));
    }

private:
    int port_ = 0;
};

}  // namespace

GATEHOUSE_PLUGIN(Fragile, Options, fields, "fragile_constructor", "1.0.0");

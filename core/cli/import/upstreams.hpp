// SPDX-License-Identifier: Apache-2.0
// The providers and signers of an imported configuration.  [main thread]
#pragma once

#include "core/cli/import/members.hpp"

#include <map>
#include <string>
#include <vector>

namespace gatehouse::core {

/// Finds the provider of each deployment.  Deployments with the same server and the same key share one.
class Upstreams {
public:
    /// `known`: the providers of the table config/import/NAME.json by the names of the other program.
    explicit Upstreams(const OrderedJson& known) : known_(known) {}

    bool knows(const std::string& kind) const { return known_.contains(kind); }

    /// The name of the instance for a deployment with these parameters.  Removes a part of `model` that only
    /// chooses an API.  The error is a phrase behind the model's name, such as "needs an api_base".
    Result<std::string> instance(const std::string& kind, std::string& model, InputMembers& parameters);

    /// The price of a model of the instance, in money for a million tokens.
    void set_price(const std::string& instance, const std::string& model, double input, double output);

    /// A key of a model of the instance, with its value as TOML.
    void set(const std::string& instance, const std::string& model, const std::string& key,
             const std::string& value);

    /// The tables of all providers and signers as TOML.
    std::string toml() const;

private:
    struct Provider {
        std::string kind, name, provider, signer;  // the keys of both tables as TOML
        std::map<std::string, std::map<std::string, std::string>> models = {};  // keys of per_model
    };
    std::string fresh_name(const std::string& kind) const;

    const OrderedJson& known_;
    std::vector<Provider> providers_;
};

/// A value of the other program as a value of a configuration: os.environ/NAME and ${NAME} become env:NAME.
std::string reference_of(const std::string& text);

}  // namespace gatehouse::core

// SPDX-License-Identifier: Apache-2.0
// The entries of LiteLLM's model_list, as routes of names.  [main thread]
#pragma once

#include "core/cli/import/groups.hpp"
#include "core/cli/import/upstreams.hpp"

#include <string>
#include <vector>

namespace gatehouse::core {

class Deployments {
public:
    /// `table`: the content of config/import/litellm.json.  All must outlive this.
    Deployments(const OrderedJson& table, LeftOut& left_out, std::vector<std::string>& problems)
        : table_(table), left_out_(left_out), problems_(problems), upstreams_(table.at("providers")) {}

    /// Reads credential_list: names for keys and addresses that several entries share.
    void read_credentials(const OrderedJson& list);

    void add(const OrderedJson& entry);

    Groups& groups() { return groups_; }
    const Groups& groups() const { return groups_; }
    const Upstreams& upstreams() const { return upstreams_; }

private:
    /// A kind of provider, and its own name of the model.
    struct Target {
        std::string kind, model;
    };
    Result<OrderedJson> with_credentials(const OrderedJson& parameters) const;
    Result<Target> target(const std::string& name, InputMembers& parameters) const;
    Result<Target> known_target(const std::string& model, InputMembers& parameters) const;
    void add_options(const std::string& instance, const std::string& model, InputMembers& parameters,
                     InputMembers& info, const std::string& mode);

    const OrderedJson& table_;
    LeftOut& left_out_;
    std::vector<std::string>& problems_;
    Upstreams upstreams_;
    Groups groups_;
    OrderedJson credentials_ = OrderedJson::object();  // parameters by name
};

}  // namespace gatehouse::core

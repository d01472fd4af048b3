// SPDX-License-Identifier: Apache-2.0
// What this instance has learned from refusals: fields that a model does not
// take, and by which name it takes the token limit.  So only the first request
// after a start fails upstream.  Bounded; any thread.
#pragma once

#include "plugins/provider/oci/fields.hpp"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::oci {

struct Lesson {
    FieldSet drop = {};
    std::optional<bool> max_completion_tokens = {};
};

class Learned {
public:
    Lesson about(std::string_view model) const;
    void add(std::string_view model, const Lesson& lesson);

private:
    static constexpr std::size_t max_models = 1000;  // names come from clients where a route has a star

    mutable std::mutex mutex_;
    std::map<std::string, Lesson, std::less<>> lessons_;
};

}  // namespace gatehouse::oci

// SPDX-License-Identifier: Apache-2.0
// The texts that an upstream has received with a request: the client's words and the
// credentials.  Recognizes them in an upstream's error message.  One thread.
#pragma once

#include <gatehouse/operation.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

class RequestTexts {
public:
    /// Shorter common runs are chance, not a quotation.
    static constexpr std::size_t min_run = 12;

    /// `operation` and `secrets` must outlive this object and must not change.
    RequestTexts(const Operation& operation, std::span<const std::string> secrets);

    /// Whether a text of the client contains `piece`.
    bool contains(std::string_view piece) const;
    /// `message` without quotations of the client's texts or of the secrets.
    std::string without_quotations(std::string_view message) const;
    /// `message` without quotations of the secrets.
    std::string without_secrets(std::string_view message) const;

private:
    std::vector<std::string_view> texts_, secrets_;
};

}  // namespace gatehouse::core

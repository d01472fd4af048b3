// SPDX-License-Identifier: Apache-2.0
// `gatehouse check --json`: the mistakes and warnings as one JSON object.
#include "core/cli/check_file.hpp"
#include "core/cli/output.hpp"
#include "core/cli/user.hpp"
#include "core/config/mistakes.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <iostream>
#include <utility>

namespace gatehouse::core {

namespace {

using Json = nlohmann::ordered_json;

/// Line and column are null for a finding about the whole file.
Json finding_of(const Mistake& one) {
    const auto position = [](std::uint32_t number) { return number ? Json(number) : Json(nullptr); };
    return {{"severity", one.warning ? "warning" : "error"},
            {"line", position(one.line)},
            {"column", position(one.column)},
            {"message", one.message}};
}

}  // namespace

int check_as_json(const std::filesystem::path& config, const std::string& user) {
    if (!user.empty())
        if (auto ok = become_user(user); !ok) return fail(exit_status::usage, ok.error().message);
    Mistakes mistakes(config);
    const bool good = check_file(config, Gateway::Purpose::check, mistakes) != nullptr;
    Json findings = Json::array();
    for (const Mistake& one : mistakes.in_order()) findings.push_back(finding_of(one));
    const Json document{{"file", config.string()}, {"findings", std::move(findings)}};
    std::cout << document.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
    return good ? exit_status::ok : exit_status::usage;
}

}  // namespace gatehouse::core

// SPDX-License-Identifier: Apache-2.0
#include "core/plugin_check/follow.hpp"

#include <utility>
#include <vector>

namespace gatehouse::core::plugin_check {

namespace {

constexpr const char* parsing_rule = "dialect.hpp, Dialect::parse";
constexpr const char* resume_rule = "dialect.hpp, Parsed::resume";
constexpr const char* keep_rule = "dialect.hpp, ResponseFormatter::keep";
constexpr const char* change_rule = "dialect.hpp, Keep::change";
constexpr int most_recalls = 8;

bool is_valid(const RecordId& id) {
    return !id.space.empty() && id.space.size() + id.id.size() <= longest_store_key / 2;
}

void check_ids(Check& check, const std::vector<RecordId>& ids) {
    for (const RecordId& id : ids)
        if (!is_valid(id))
            check.error("record-id", "a record has no space, or its id is longer than 512 bytes",
                        "dialect.hpp, RecordId");
}

/// The document may not exist, and another gateway may have damaged it.
void check_documents(Check& check, const std::vector<Keep>& documents) {
    for (const Keep& document : documents) {
        check_ids(check, {document.id});
        if (document.keep_for.count() <= 0)
            check.error("keep-time", "a document is to be kept for no time", "dialect.hpp, Keep::keep_for");
        if (!document.change) continue;
        (void)check.calls(change_rule, [&] { (void)document.change(std::nullopt); });
        (void)check.calls(change_rule, [&] { (void)document.change(gatehouse::Record{"{\"\xff", 1}); });
    }
}

struct Followed {
    std::optional<Result<Parsed>> parsed = {};
    bool recalled = false;
};

Followed follow(Check& check, Dialect& dialect, const http::RequestHead& head, const std::string& text,
                const std::optional<gatehouse::Record>& record) {
    std::string body;
    body.reserve(text.size() + spare_bytes);
    body = text;
    Followed followed;
    auto& parsed = followed.parsed;
    if (!check.calls(parsing_rule, [&] { parsed.emplace(dialect.parse(head, std::move(body))); })) return {};
    followed.recalled = *parsed && !(*parsed)->recall.empty();
    for (int round = 0; *parsed && !(*parsed)->recall.empty(); ++round) {
        check_ids(check, (*parsed)->recall);
        const std::vector<std::optional<gatehouse::Record>> found((*parsed)->recall.size(), record);
        const auto resume = std::move((*parsed)->resume);
        if (!resume || round == most_recalls) {
            check.error("recall", "a Parsed recalls records without resume, or more than 8 times",
                        resume_rule);
            return {};
        }
        if (!check.calls(resume_rule, [&] { parsed.emplace(resume(found)); })) return {};
    }
    if (*parsed) check_ids(check, (*parsed)->forget);
    if (*parsed) check_documents(check, (*parsed)->keep);
    return followed;
}

}  // namespace

std::optional<Result<Parsed>> parse_and_follow(Check& check, Dialect& dialect, const http::RequestHead& head,
                                               const std::string& text) {
    auto followed = follow(check, dialect, head, text, std::nullopt);
    if (followed.recalled) (void)follow(check, dialect, head, text, gatehouse::Record{"{\"\xff", 1});
    return std::move(followed.parsed);
}

void check_kept(Check& check, ResponseFormatter& formatter, const Operation& sent) {
    std::vector<Keep> kept;
    if (!check.calls(keep_rule, [&] { kept = formatter.keep(sent); })) return;
    check_documents(check, kept);
}

}  // namespace gatehouse::core::plugin_check

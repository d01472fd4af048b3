// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/anthropic/models.hpp"

#include "plugins/common/client/content.hpp"
#include "plugins/dialect/anthropic/errors.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <vector>

namespace gatehouse::anthropic_dialect {

namespace {

constexpr std::size_t largest_page = 1000;

/// "2025-09-29T00:00:00Z" (RFC 3339).
std::string to_time(std::int64_t seconds) {
    constexpr std::int64_t last = 253'402'300'799;  // in the year 9999
    const std::chrono::sys_seconds time{std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, last))};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    char text[40];
    const int size = std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", int(date.year()),
                                   unsigned(date.month()), unsigned(date.day()), int(clock.hours().count()),
                                   int(clock.minutes().count()), int(clock.seconds().count()));
    return {text, static_cast<std::size_t>(size)};
}

void write_limit(JsonWriter& json, std::string_view name, const std::optional<std::int64_t>& limit) {
    json.key(name);
    limit ? json.value(*limit) : json.null();
}

void write(const ModelInfo& model, JsonWriter& json) {
    json.begin_object().member("type", "model").member("id", model.id).member("display_name", model.id);
    json.member("created_at", to_time(model.created));
    write_limit(json, "max_input_tokens", model.context_window);
    write_limit(json, "max_tokens", model.max_output_tokens);
    json.end_object();
}

class ModelList : public ResponseFormatter {
public:
    bool streams() const final { return false; }
    http::ResponseHead head() final { return {status_, {{"content-type", "application/json"}}}; }
    void event(const Event& event, std::string&) final {
        if (auto* model = std::get_if<ModelInfo>(&event)) models_.push_back(*model);
    }
    void error(const Error& error, std::string& out) final {
        status_ = http_status(error);
        append_error(error, out);
    }

protected:
    const std::vector<ModelInfo>& models() const { return models_; }

private:
    std::vector<ModelInfo> models_;
    int status_ = 200;
};

class PageFormatter final : public ModelList {
public:
    explicit PageFormatter(Page page) : page_(std::move(page)) {}

    void end(std::string& out) override {
        const auto [begin, end, more] = range();
        JsonWriter json(out);
        json.begin_object().key("data").begin_array();
        for (std::size_t i = begin; i < end; ++i) write(models()[i], json);
        json.end_array().member("has_more", more).key("first_id");
        begin < end ? json.value(models()[begin].id) : json.null();
        json.key("last_id");
        begin < end ? json.value(models()[end - 1].id) : json.null();
        json.end_object();
    }

private:
    struct Range {
        std::size_t begin = 0, end = 0;
        bool more = false;
    };
    /// The place of a model; the end of the list if it is unknown.
    std::size_t place(const std::string& id) const {
        const auto found = std::ranges::find(models(), id, &ModelInfo::id);
        return static_cast<std::size_t>(found - models().begin());
    }
    Range range() const {
        const std::size_t all = models().size();
        if (!page_.before.empty()) {
            const std::size_t end = place(page_.before);
            if (end == all) return {};
            const std::size_t begin = end - std::min(end, page_.limit);
            return {begin, end, begin > 0};
        }
        std::size_t begin = 0;
        if (!page_.after.empty()) {
            begin = place(page_.after);
            if (begin == all) return {};
            ++begin;
        }
        const std::size_t end = std::min(all, begin + page_.limit);
        return {begin, end, end < all};
    }

    const Page page_;
};

class ModelFormatter final : public ModelList {
public:
    void end(std::string& out) override {
        if (models().empty())
            return error({.kind = ErrorKind::not_found,
                          .message = "there is no model of this name",
                          .code = "model_not_found",
                          .param = "model"},
                         out);
        JsonWriter json(out);
        write(models().front(), json);
    }
};

Error wrong_limit() {
    return {.kind = ErrorKind::bad_request,
            .message = "limit: must be an integer between 1 and " + std::to_string(largest_page),
            .param = "limit"};
}

}  // namespace

Result<Page> read_page(std::string_view query) {
    Page page;
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const std::string_view name = pair.substr(0, equals);
        const auto value = client::percent_decoded(pair.substr(std::min(equals + 1, pair.size())));
        if (name == "limit") {
            std::size_t limit = 0;
            const std::string text = value ? *value : std::string();
            const auto read = std::from_chars(text.data(), text.data() + text.size(), limit);
            const bool whole = !text.empty() && read.ptr == text.data() + text.size();
            if (!whole || limit < 1 || limit > largest_page) return wrong_limit();
            page.limit = limit;
        } else if (name == "after_id" || name == "before_id") {
            if (!value) return value.error();
            (name == "after_id" ? page.after : page.before) = *value;
        }
    }
    return page;
}

std::unique_ptr<ResponseFormatter> model_page_formatter(Page page) {
    return std::make_unique<PageFormatter>(std::move(page));
}
std::unique_ptr<ResponseFormatter> model_formatter() { return std::make_unique<ModelFormatter>(); }

}  // namespace gatehouse::anthropic_dialect

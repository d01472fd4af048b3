// SPDX-License-Identifier: Apache-2.0
// Members of a ranking request.  A model sees the `rank_fields` of documents that are
// objects, so `rank_fields` is read first.
#include "plugins/dialect/openai/rerank.hpp"

#include "plugins/dialect/openai/body.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>

namespace gatehouse::openai_dialect {

namespace {

constexpr std::size_t max_rank_fields = 64;
constexpr std::int64_t max_int32 = std::numeric_limits<std::int32_t>::max();
constexpr const char* expected_documents = "a non-empty array of strings or objects";

struct RerankDraft {
    const Bounds& bounds;
    ParsedRerank parsed = {};
    std::vector<std::string> rank_fields = {};
    std::optional<bool> return_documents = {};
};

bool read_rank_fields(Reader& reader, json::Value& value, const Where& where, std::vector<std::string>& out) {
    out.clear();
    if (json::is_null(value)) return true;
    json::Array names;
    if (!reader.open(value, where, "an array of strings", names)) return false;
    return reader.read_strings(names, where, max_rank_fields, out);
}

std::string text_or_json(json::Value& value) {
    std::string text;
    if (!json::take_string(value, text)) text = json::raw(value);
    return text;
}

// The fields in the order of `names`, each on a line after its name.  A single field has no name.
bool read_ranked(Reader& reader, json::Object& object, const Where& where,
                 const std::vector<std::string>& names, std::string& out) {
    std::vector<std::optional<std::string>> values(names.size());
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& value) {
        const auto name = std::find(names.begin(), names.end(), key);
        if (name == names.end()) return true;
        auto& slot = values[static_cast<std::size_t>(name - names.begin())];
        slot.reset();
        if (!json::is_null(value)) slot = text_or_json(value);
        return true;
    });
    if (!read) return false;
    bool any = false;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (!values[i]) continue;
        if (names.size() == 1) {
            out = *std::move(values[i]);
            return true;
        }
        if (any) out += '\n';
        out.append(names[i]).append(": ").append(*values[i]);
        any = true;
    }
    return any || reader.refuse(where, "has none of the rank_fields");
}

bool read_object(Reader& reader, json::Object& object, const Where& where, const RerankDraft& draft,
                 std::string& out) {
    if (!draft.rank_fields.empty()) return read_ranked(reader, object, where, draft.rank_fields, out);
    bool given = false;
    const bool read = json::for_each(object, [&](std::string_view key, json::Value& value) {
        if (key != "text") return true;
        given = !json::is_null(value);
        return reader.read(value, Where(where, "text"), out);
    });
    if (read && !given) out = json::raw(object);  // the complete document
    return read;
}

bool read_document(Reader& reader, json::Value& value, const Where& where, RerankDraft& draft) {
    const bool wanted = draft.return_documents.value_or(false);
    std::string& text = draft.parsed.request.documents.emplace_back();
    if (json::take_string(value, text)) {
        if (wanted) {
            std::string& object = draft.parsed.returned.emplace_back();
            JsonWriter(object).begin_object().member("text", text).end_object();
        }
        return true;
    }
    json::Object object;
    if (!reader.open(value, where, "a string or an object", object)) return false;
    if (!read_object(reader, object, where, draft, text)) return false;
    if (wanted) draft.parsed.returned.emplace_back(json::raw(object));
    return true;
}

bool read_documents(Reader& reader, json::Value& value, const Where& where, RerankDraft& draft) {
    draft.parsed.request.documents.clear();
    draft.parsed.returned.clear();
    if (json::is_null(value)) return true;  // missing; reported later
    json::Array list;
    if (!reader.open(value, where, expected_documents, list)) return false;
    return json::for_each(list, [&](json::Value& item, std::size_t index) {
        if (index >= draft.bounds.documents)
            return reader.refuse(
                where, "must have at most " + std::to_string(draft.bounds.documents) + " documents");
        return read_document(reader, item, Where(where, index), draft);
    });
}

// A string, or an object with a string in `text`.
bool read_query(Reader& reader, json::Value& value, const Where& where, std::string& out) {
    out.clear();
    if (json::type_of(value) != json::Type::object) return reader.read(value, where, out);
    json::Object object;
    return reader.open(value, where, "a string", object) &&
           json::for_each(object, [&](std::string_view key, json::Value& member) {
               return key != "text" || reader.read(member, Where(where, "text"), out);
           });
}

bool read_member(Reader& reader, std::string_view key, json::Value& value, RerankDraft& draft,
                 Unknown& unknown) {
    RerankRequest& request = draft.parsed.request;
    const Where where(key);
    if (key == "model") return read_model(reader, value, where, request.model);
    if (key == "query") return read_query(reader, value, where, request.query);
    if (key == "documents") return read_documents(reader, value, where, draft);
    if (key == "top_n") return reader.read_integer(value, where, 1, max_int32, request.top_n);
    if (key == "max_chunks_per_doc")
        return reader.read_integer(value, where, 1, max_int32, request.max_chunks_per_document);
    if (key == "max_tokens_per_doc")
        return reader.read_integer(value, where, 1, max_int32, request.max_tokens_per_document);
    // Read before all other members.
    if (key != "rank_fields" && key != "return_documents") unknown.add(key, json::raw(value));
    return true;
}

bool read_first(Reader& reader, std::string_view key, json::Value& value, RerankDraft& draft) {
    const Where where(key);
    if (key == "rank_fields") return read_rank_fields(reader, value, where, draft.rank_fields);
    if (key == "return_documents") return reader.read(value, where, draft.return_documents);
    return true;
}

}  // namespace

Result<ParsedRerank> parse_rerank(std::string& body, const Bounds& bounds) {
    Reader reader;
    RerankDraft draft{bounds};
    Unknown unknown;
    auto read = read_body(body, bounds.json_depth, reader, [&](json::Object& top) {
        if (!json::for_each(top, [&](std::string_view key, json::Value& value) {
                return read_first(reader, key, value, draft);
            }))
            return false;
        if (!json::for_each(top, [&](std::string_view key, json::Value& value) {
                return read_member(reader, key, value, draft, unknown);
            }))
            return false;
        const RerankRequest& request = draft.parsed.request;
        if (request.model.empty()) return reader.missing(Where("model"), "the name of a model");
        if (request.query.empty()) return reader.missing(Where("query"), "a string that is not empty");
        return !request.documents.empty() || reader.missing(Where("documents"), expected_documents);
    });
    if (!read) return read.error();
    draft.parsed.request.extra = unknown.take();
    return std::move(draft.parsed);
}

}  // namespace gatehouse::openai_dialect

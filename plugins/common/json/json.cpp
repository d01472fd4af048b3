// SPDX-License-Identifier: Apache-2.0
// Each thread keeps scans for later documents.
#include "plugins/common/json/json.hpp"

#include <utility>
#include <vector>

namespace gatehouse::json {

namespace {

// A scan keeps the memory of its largest text.  Memory above this limit is freed, so that
// one huge body does not stay allocated in every thread.
constexpr std::size_t keep_capacity = 1024 * 1024;
constexpr std::size_t keep_scans = 2;  // nested documents are rare

std::vector<std::unique_ptr<Scan>>& kept() {
    thread_local std::vector<std::unique_ptr<Scan>> mine;
    return mine;
}

std::unique_ptr<Scan> take_scan() {
    auto& mine = kept();
    if (mine.empty()) return std::make_unique<Scan>();
    auto scan = std::move(mine.back());
    mine.pop_back();
    return scan;
}

const char* reason(simdjson::error_code code) {
    switch (static_cast<int>(code)) {  // simdjson has further codes
        case simdjson::EMPTY: return "it is empty";
        case simdjson::UTF8_ERROR: return "it is not valid UTF-8";
        case simdjson::DEPTH_ERROR: return "it is nested too deeply";
        case simdjson::UNCLOSED_STRING: return "a string is not closed";
        case simdjson::UNESCAPED_CHARS: return "a string has a control character that is not escaped";
        case simdjson::STRING_ERROR: return "a string has a wrong escape sequence";
        case simdjson::NUMBER_ERROR: return "a number is malformed or too large";
        case simdjson::T_ATOM_ERROR:
        case simdjson::F_ATOM_ERROR:
        case simdjson::N_ATOM_ERROR: return "a word is not true, false or null";
        case simdjson::CAPACITY:
        case simdjson::MEMALLOC: return "it is too large";
        default: return "its syntax is wrong";
    }
}

Error invalid(simdjson::error_code code) {
    return {ErrorKind::bad_request, std::string("the body is not valid JSON: ") + reason(code)};
}

}  // namespace

Result<Document> Document::parse(std::string& text, std::size_t max_depth, std::optional<Error>* huge) {
    static_assert(simdjson::SIMDJSON_PADDING >= 64);
    text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    Document document(take_scan());
    bool has_huge = false;
    if (auto failed = document.scan_->read(text, max_depth, huge ? &has_huge : nullptr))
        return invalid(failed);
    if (has_huge) *huge = invalid(simdjson::NUMBER_ERROR);
    return document;
}

Result<Document> Document::parse(const std::shared_ptr<std::string>& text, std::size_t max_depth,
                                 std::optional<Error>* huge) {
    auto document = parse(*text, max_depth, huge);
    if (document) document->scan_->share(text);
    return document;
}

Document::~Document() {
    if (scan_) scan_->share(nullptr);
    if (scan_ && scan_->capacity() <= keep_capacity && kept().size() < keep_scans)
        kept().push_back(std::move(scan_));
}

std::optional<Object> Document::object() const { return json::object(top()); }

Type type_of(const Value& value) {
    switch (value.scan().first(value.at())) {
        case '{': return Type::object;
        case '[': return Type::array;
        case '"': return Type::string;
        case 't':
        case 'f': return Type::boolean;
        case 'n': return Type::null;
        default: return Type::number;
    }
}

std::optional<bool> boolean(const Value& value) {
    if (type_of(value) != Type::boolean) return std::nullopt;
    return value.scan().first(value.at()) == 't';
}

std::optional<double> number(const Value& value) {
    if (type_of(value) != Type::number) return std::nullopt;
    return double_of(raw(value));
}

std::optional<std::int64_t> integer(const Value& value) {
    if (type_of(value) != Type::number) return std::nullopt;
    return integer_of(raw(value));
}

std::optional<Object> object(const Value& value) {
    if (type_of(value) != Type::object) return std::nullopt;
    return Object(value.scan(), value.at());
}

std::optional<Array> array(const Value& value) {
    if (type_of(value) != Type::array) return std::nullopt;
    return Array(value.scan(), value.at());
}

bool take_string(const Value& value, std::string& out) {
    if (type_of(value) != Type::string) return false;
    const std::string_view inside = value.scan().inside(value.at());
    if (!value.scan().has_escapes(value.at())) {
        out = inside;
    } else {
        out.clear();
        gatehouse::detail::append_unescaped(out, inside);
    }
    return true;
}

bool take_string(const Value& value, JsonString& out) {
    if (type_of(value) != Type::string) return false;
    const Scan& scan = value.scan();
    out = JsonString::spelled(scan.inside(value.at()), scan.has_escapes(value.at()), scan.shared());
    return true;
}

SharedText shared_raw(const Value& value) {
    const auto& whole = value.scan().shared();
    return whole ? SharedText(raw(value), whole) : SharedText(raw(value));
}

}  // namespace gatehouse::json

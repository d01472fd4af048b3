// SPDX-License-Identifier: Apache-2.0
#include "plugins/common/json/scan.hpp"

#include <gatehouse/json_number.hpp>

#include <gatehouse/json_unescape.hpp>

#include <algorithm>

namespace gatehouse::json {

namespace {

// First capacity.  The growing bodies of a session do not reallocate each time.
constexpr std::size_t first_capacity = 128 * 1024;
constexpr std::size_t max_text = 0x7FFFFFFF;  // an offset and a bit share 32 bits

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

simdjson::error_code Scan::read(std::string_view text, std::size_t max_depth, bool* huge) {
    text_ = text;
    if (text.empty()) return simdjson::EMPTY;
    if (text.size() > max_text) return simdjson::CAPACITY;
    if (capacity() < text.size()) {
        finder_.reset();
        const std::size_t wanted = std::max(text.size(), first_capacity);
        if (auto failed =
                simdjson::get_active_implementation()->create_dom_parser_implementation(wanted, 1, finder_))
            return failed;
    }
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    if (auto failed = finder_->stage1(bytes, text.size(), simdjson::stage1_mode::regular)) return failed;
    const std::uint32_t places = finder_->n_structural_indexes;
    finder_->structural_indexes[places] = static_cast<std::uint32_t>(text.size());
    starts_ = finder_->structural_indexes.get();
    ends_.resize(places);
    return walk(max_depth, huge);
}

/// One step per place.  The last place is the zero after the text, which is invalid at
/// every position.
simdjson::error_code Scan::walk(std::size_t max_depth, bool* huge) {
    open_.clear();
    Place at = 0;
    for (;;) {  // at a value
        const char opening = first(at);
        bool closes = false;
        if (opening == '{' || opening == '[') {
            if (open_.size() == max_depth) return simdjson::DEPTH_ERROR;
            open_.push_back(at++);
            closes = first(at) == (opening == '{' ? '}' : ']');
        } else {
            if (auto failed = check_scalar(at++, huge)) return failed;
        }
        for (;; closes = false) {  // after a value, or at the first place of an object or array
            if (open_.empty()) return at == ends_.size() ? simdjson::SUCCESS : simdjson::TAPE_ERROR;
            const Place container = open_.back();
            const bool object = first(container) == '{';
            const bool begins = at == container + 1;
            if (closes || (!begins && first(at) == (object ? '}' : ']'))) {
                open_.pop_back();
                ends_[container] = ++at;
                continue;
            }
            if (!begins && first(at++) != ',') return simdjson::TAPE_ERROR;
            if (object) {
                if (first(at) != '"') return simdjson::TAPE_ERROR;
                if (auto failed = check_string(at++)) return failed;
                if (first(at++) != ':') return simdjson::TAPE_ERROR;
            }
            break;
        }
    }
}

simdjson::error_code Scan::check_scalar(Place at, bool* huge) {
    switch (first(at)) {
        case '"': return check_string(at);
        case 't': return token(at) == "true" ? simdjson::SUCCESS : simdjson::T_ATOM_ERROR;
        case 'f': return token(at) == "false" ? simdjson::SUCCESS : simdjson::F_ATOM_ERROR;
        case 'n': return token(at) == "null" ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
        case '-':
        case '0':
        case '1':
        case '2':
        case '3':
        case '4':
        case '5':
        case '6':
        case '7':
        case '8':
        case '9': break;
        default: return simdjson::TAPE_ERROR;
    }
    const NumberCheck found = check_number(token(at));
    if (found == NumberCheck::fine) return simdjson::SUCCESS;
    if (found == NumberCheck::malformed || !huge) return simdjson::NUMBER_ERROR;
    *huge = *huge || found == NumberCheck::huge;
    return simdjson::SUCCESS;
}

simdjson::error_code Scan::check_string(Place at) {
    // Only blanks precede the next place, so the token's last byte is the quote.
    const std::size_t begin = starts_[at] + 1;
    const std::size_t end = starts_[at] + token(at).size() - 1;
    using gatehouse::detail::Escapes;
    const Escapes escapes = gatehouse::detail::check_escapes(between(begin, end));
    ends_[at] = static_cast<std::uint32_t>(end) << 1 | (escapes == Escapes::right);
    return escapes == Escapes::wrong ? simdjson::STRING_ERROR : simdjson::SUCCESS;
}

std::string_view Scan::token(Place at) const {
    std::size_t end = starts_[at + 1];
    while (is_blank(text_[end - 1])) --end;
    return between(starts_[at], end);
}

}  // namespace gatehouse::json

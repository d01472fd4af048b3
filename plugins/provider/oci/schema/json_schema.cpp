// SPDX-License-Identifier: Apache-2.0
// Writes a schema from its collected keywords.  If the result does not differ, the
// schema's own text is used.
#include "plugins/provider/oci/schema/json_schema.hpp"

#include "plugins/provider/oci/schema/bounds.hpp"
#include "plugins/provider/oci/schema/keywords.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>

namespace gatehouse::oci {

namespace {

constexpr std::string_view no_arguments = R"({"type":"object","properties":{}})";

bool is_map_of_schemas(std::string_view key) {
    return is_one_of(key, {"properties", "patternProperties", "dependentSchemas", "dependencies"});
}
bool is_schema(std::string_view key) {
    return is_one_of(key, {"items", "prefixItems", "contains", "not", "if", "then", "else", "propertyNames",
                           "additionalProperties", "unevaluatedProperties", "additionalItems",
                           "unevaluatedItems", "anyOf", "oneOf", "allOf"});
}
/// Keywords that keep `true` and `false` as values.
bool may_be_boolean(std::string_view key) {
    return is_one_of(
        key, {"additionalProperties", "unevaluatedProperties", "additionalItems", "unevaluatedItems"});
}
/// Patterns that match every property name.
bool matches_all(std::string_view pattern) {
    return is_one_of(
        pattern, {"", "^", "$", "^$|.", ".*", "^.*", ".*$", "^.*$", "^(.*)$", ".+", "^.+$", "^[\\s\\S]*$"});
}

std::string with_sentence(std::string text, const std::string& sentence) {
    if (!text.empty())
        text += std::string_view(".!?:;").find(text.back()) == std::string_view::npos ? ". " : " ";
    return text += sentence;
}

class Rewriter {
public:
    Rewriter(const JsonTree& tree, const SchemaRules& rules, SchemaBudget& budget, std::string& out)
        : root_(tree.root()), rules_(rules), collector_(root_, rules, budget, out), json_(out) {}

    bool write_root() {
        Keywords keywords;
        if (!collector_.collect(root_, nullptr, 0, keywords)) return false;
        return write(keywords, 0, rules_.arguments);
    }

    /// Whether the output differs from the input.
    bool changed() const { return changed_ || collector_.changed(); }
    const std::string& failure() const { return collector_.failure(); }

private:
    bool write_schema(const Node& node, const Frame* frame, std::size_t depth, bool boolean = false) {
        if (!node.is_object() || node.members.size() > KeywordCollector::max_keywords) {
            if (!collector_.spend(frame, depth)) return false;
            if (node.raw == "true" && !boolean) {
                changed_ = true;
                json_.raw("{}");
            } else {
                json_.raw(node.raw);
            }
            return true;
        }
        Keywords keywords;
        return collector_.collect(node, frame, depth, keywords) && write(keywords, depth, false);
    }

    bool write(const Keywords& from, std::size_t depth, bool root) {
        const std::string note = rules_.exclusive_bounds ? std::string() : bounds_note(from);
        const bool no_null = from.no_null || loses_null(from);
        json_.begin_object();
        if (root && !from.find("type") && from.types.empty()) {  // arguments are always an object
            changed_ = true;
            json_.member("type", "object");
        }
        for (const Keywords::Entry& entry : from.entries)
            if (!write_entry(entry, from, note, no_null, depth)) return false;
        if (root && !from.find("properties")) {
            changed_ = true;
            json_.key("properties").begin_object().end_object();
        }
        if (!note.empty() && !from.find("description")) json_.member("description", note);
        if (!from.types.empty()) {
            json_.key("type").begin_array();
            for (std::string_view type : from.types) json_.raw(type);
            json_.end_array();
        }
        const bool second_enum = !from.values.empty() && from.find("enum");
        if (!from.values.empty() && !second_enum) write_values(from);
        if (!from.all_of.empty() || second_enum) {
            json_.key("allOf").begin_array();
            if (second_enum) {
                json_.begin_object();
                write_values(from);
                json_.end_object();
            }
            for (const Keywords& more : from.all_of)
                if (!write(more, depth + 1, false)) return false;
            json_.end_array();
        }
        json_.end_object();
        return true;
    }

    void write_values(const Keywords& from) {
        if (!from.values_type.empty() && !from.find("type")) json_.member("type", from.values_type);
        json_.key("enum").begin_array();
        for (std::string_view value : from.values) json_.raw(value);
        json_.end_array();
    }

    /// Whether `type` is a list with null, which is removed.
    bool loses_null(const Keywords& from) const {
        const auto* type = from.find("type");
        if (!rules_.arguments || !type || !type->value->is_array()) return false;
        const auto& items = type->value->items;
        const auto nulls =
            std::count_if(items.begin(), items.end(), [](const Node& item) { return item.text == "null"; });
        return nulls > 0 && static_cast<std::size_t>(nulls) < items.size();
    }

    bool write_entry(const Keywords::Entry& entry, const Keywords& from, const std::string& note,
                     bool no_null, std::size_t depth) {
        const std::string_view key = entry.key;
        const Node& value = *entry.value;
        if (key == "type" && value.is_array()) return write_types(value);
        if (key == "const") return write_const(value, from);
        if (key == "enum" && value.is_array() && no_null) return write_enum(value);
        if (key == "default" && no_null && value.raw == "null") return changed_ = true;
        if (key == "required" && value.is_array() && value.items.empty()) return changed_ = true;
        if (key == "description" && !note.empty() && value.is_string()) {
            json_.member(key, with_sentence(value.text, note));
            return true;
        }
        if (!rules_.exclusive_bounds && is_bound(key)) return write_bound(key, from);
        if (const Keywords::Entry* all = pattern_for_all(from)) {
            if (key == "additionalProperties") return true;  // there are no such properties
            if (&entry == all) {
                changed_ = true;
                json_.key("additionalProperties");
                return write_schema(value.members[0].value, entry.frame, depth + 1, true);
            }
        }
        if (is_map_of_schemas(key) && value.is_object()) {
            json_.key(key).begin_object();
            for (const Member& member : value.members) {
                json_.key(member.key);
                if (!write_schema(member.value, entry.frame, depth + 1)) return false;
            }
            json_.end_object();
            return true;
        }
        if (is_schema(key)) return write_schemas(entry, from.no_null, depth);
        json_.key(key).raw(value.raw);
        return collector_.spend(entry.frame, depth);
    }

    bool write_schemas(const Keywords::Entry& entry, bool no_null, std::size_t depth) {
        json_.key(entry.key);
        if (!entry.value->is_array())
            return write_schema(*entry.value, entry.frame, depth + 1, may_be_boolean(entry.key));
        const auto& items = entry.value->items;
        const bool is_union = entry.key == "anyOf" || entry.key == "oneOf";
        const bool cut = is_union && no_null &&
                         !std::all_of(items.begin(), items.end(),
                                      [&](const Node& item) { return collector_.is_null_schema(item); });
        json_.begin_array();
        for (const Node& item : items) {
            if (cut && collector_.is_null_schema(item)) continue;
            if (!write_schema(item, entry.frame, depth + 1)) return false;
        }
        json_.end_array();
        return true;
    }

    bool write_types(const Node& list) {
        std::vector<std::string_view> types;
        for (const Node& item : list.items)
            if (!rules_.arguments || item.text != "null" || list.items.size() == 1) types.push_back(item.raw);
        json_.key("type");
        if (types.size() == 1) {
            changed_ = true;
            json_.raw(types[0]);
            return true;
        }
        if (types.size() < list.items.size()) changed_ = true;
        json_.begin_array();
        for (std::string_view type : types) json_.raw(type);
        json_.end_array();
        return true;
    }

    bool write_const(const Node& value, const Keywords& from) {
        changed_ = true;
        if (from.find("enum") || !from.values.empty()) {
            json_.key("const").raw(value.raw);  // both must hold; OCI decides
            return true;
        }
        if (!from.find("type")) json_.member("type", type_of(value));
        json_.key("enum").begin_array().raw(value.raw).end_array();
        return true;
    }

    bool write_enum(const Node& list) {
        json_.key("enum").begin_array();
        for (const Node& value : list.items) {
            if (value.raw == "null")
                changed_ = true;
            else
                json_.raw(value.raw);
        }
        json_.end_array();
        return true;
    }

    /// patternProperties with one pattern that matches all names.  It is
    /// equivalent to additionalProperties if no property has its own schema.
    static const Keywords::Entry* pattern_for_all(const Keywords& from) {
        const Keywords::Entry* patterns = from.find("patternProperties");
        if (!patterns || patterns->value->members.size() != 1) return nullptr;
        const Keywords::Entry* properties = from.find("properties");
        const bool alone = !properties || properties->value->members.empty();
        return alone && matches_all(patterns->value->members[0].key) ? patterns : nullptr;
    }

    static bool is_bound(std::string_view key) {
        return is_one_of(key, {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"});
    }

    bool write_bound(std::string_view key, const Keywords& from) {
        const bool lower = key.ends_with("inimum");
        const auto found = inclusive_bound(from, lower);
        const bool exclusive = key.starts_with("exclusive");
        if (!found) {
            json_.key(key).raw(from.find(key)->value->raw);
        } else if (exclusive) {
            changed_ = true;
            if (!found->value.empty()) json_.key(lower ? "minimum" : "maximum").raw(found->value);
        }
        return true;  // the exclusive bound includes the inclusive one
    }

    const Node& root_;
    const SchemaRules& rules_;
    KeywordCollector collector_;
    JsonWriter json_;
    bool changed_ = false;
};

}  // namespace

Result<std::string> acceptable_schema(std::string_view schema, const SchemaRules& rules,
                                      const std::string& param, SchemaBudget& budget) {
    if (schema.empty()) return std::string(rules.arguments ? no_arguments : "");
    const auto tree = JsonTree::parse(schema);
    if (!tree) return std::string(schema);
    std::string out;
    out.reserve(schema.size() + 64);
    Rewriter rewriter(*tree, rules, budget, out);
    if (!rewriter.write_root())
        return Error{.kind = ErrorKind::bad_request,
                     .message = "the JSON schema " + rewriter.failure(),
                     .param = param};
    if (!rewriter.changed()) return std::string(schema);
    budget.bytes -= std::min(budget.bytes, out.size() - std::min(out.size(), schema.size()));
    return out;
}

}  // namespace gatehouse::oci
